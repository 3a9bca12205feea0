"""Common properties of the operating routes: rights, log, errors, bootstrap."""

import re
from collections.abc import Callable

import pytest

from functions.operate.bootstrap import operations
from tests.aws_failures import FAILURES
from tests.events import event
from tests.unit.operate.operating import (
    FAILED,
    OPERATIONS,
    ROUTES,
    Operating,
)


@pytest.mark.parametrize(
    ("context", "refusal"),
    [
        ({"scopes": "model:read mlflow:read"}, (403, "forbidden")),
        ({"scopes": ""}, (403, "forbidden")),
        ({"has_sufficient_balance": "false"}, (402, "insufficient_balance")),
        ({"rate_limited": "true"}, (429, "rate_limited")),
    ],
)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_route_refuses_a_caller_without_rights(
    operating: Operating, method: str, path: str, context: dict[str, str], refusal: tuple[int, str]
) -> None:
    """Write scope, balance and rate limit are checked before anything is read or written."""
    before = dict(operating.store.desired_deployments)
    recorded = event("operations")["requestContext"]
    changed = recorded | {"authorizer": recorded["authorizer"] | context}

    status, answer = operating.call(method, path, {"model_version": "3"}, requestContext=changed)

    assert refusal == (status, answer["code"])
    assert before == operating.store.desired_deployments
    assert ([], [], []) == (
        operating.workflow.started,
        operating.reconciliation.requested,
        operating.reconciliation.ran,
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_each_operation_is_logged_with_its_caller(
    operating: Operating,
    caplog: pytest.LogCaptureFixture,
    logged: Callable[[], str],
    method: str,
    path: str,
) -> None:
    """One line, with the key's id and without the key."""
    assert operating.call(method, path, {"model_version": "3"})[0] in {200, 202}

    assert not re.search("hk_live_", logged())
    (line,) = [each for each in caplog.records if each.getMessage() == "operation.accepted"]
    fields = {name: getattr(line, name) for name in ("user_id", "key_id", "model_id")}
    assert {"user_id": "user-1", "key_id": "key-1", "model_id": "iris"} == fields


def test_an_unknown_route_is_404(operating: Operating) -> None:
    """Routes of the other functions too."""
    status, answer = operating.call("GET", "/api/v1/models/iris")

    assert (404, "not_found") == (status, answer["code"])


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_table_that_does_not_answer_is_503(operating: Operating, error: Exception) -> None:
    """Every operation can be tried again, and says when."""
    operating.store.error = error

    answers = [
        operating.deploy({"model_version": "1"}),
        operating.undeploy(),
        operating.redrive(FAILED.id),
    ]

    for status, answer in answers:
        assert (503, "service_unavailable", 5) == (status, answer["code"], answer["retry_after_s"])


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_workflow_or_reconciler_that_does_not_answer_is_503(
    operating: Operating, error: Exception
) -> None:
    """A deployment is started, or a reconciliation asked for, by the next try."""
    operating.workflow.error = operating.reconciliation.error = error

    for status, answer in (
        operating.deploy({"model_version": "1"}),
        operating.undeploy(),
        operating.reconcile(),
    ):
        assert (503, "service_unavailable") == (status, answer["code"])


def test_an_unexpected_error_is_500_without_its_message(
    operating: Operating, logged: Callable[[], str]
) -> None:
    """The message is in the log."""
    operating.store.error = ConnectionError("to table 10.0.0.1")

    status, answer = operating.deploy({"model_version": "1"})

    assert (500, "internal_error") == (status, answer["code"])
    assert "10.0.0.1" not in answer["detail"]
    assert "10.0.0.1" in logged()


def test_bootstrap_needs_its_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """It calls the reconciler once, with a time-out below API Gateway's."""
    monkeypatch.setenv("TABLE_NAME", "deployed_models")
    monkeypatch.setenv("INSTALLATION", "test")
    monkeypatch.setenv("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:1:stateMachine:provision")
    monkeypatch.setenv("RECONCILE_FUNCTION", "reconcile")
    monkeypatch.setenv("API_URL", "https://api.example/api/v1")

    made = operations()

    config = made.reconciliation._client.meta.config  # type: ignore[attr-defined]
    assert (25, 1) == (config.read_timeout, config.retries["total_max_attempts"])
    operations.cache_clear()

"""The operating routes from API Gateway's event to their answer, on fakes."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.reconciliation import (
    ReconciliationError,
    ReconciliationRunningError,
)
from functions.common.deployments.record import RequestedBy, Status
from functions.operate import handler as operations_handler
from functions.operate.bootstrap import OperatePorts, bootstrap, operations
from functions.operate.settings import OperationsSettings
from tests.builders import NOON, a_deployment, a_live_deployment
from tests.events import LambdaContext, event
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.reconciliation import FakeReconciliation
from tests.fakes.workflow import FakeWorkflow

NOW = NOON + timedelta(hours=1)
LIVE = a_live_deployment()
FAILED = a_deployment(
    model_version="2",
    requested_at=NOON + timedelta(minutes=1),
    status=Status.FAILED,
    reason="No signature.",
)
CHANGE = {"change": "Resume", "detail": "version 1: its endpoint was paused"}


class Operating:
    """The function on fakes: version 1 of `iris` serves, version 2 has failed."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore(LIVE, FAILED)
        self.workflow = FakeWorkflow()
        self.reconciliation = FakeReconciliation(CHANGE)
        self.operations = bootstrap(
            OperatePorts(
                deployments=self.store,
                workflow=self.workflow,
                reconciliation=self.reconciliation,
                now=lambda: NOW,
            ),
            OperationsSettings(
                table_name="t", installation="test", state_machine_arn="s", reconcile_function="r"
            ),
        )

    def call(
        self, method: str, path: str, body: Any = None, **changes: Any
    ) -> tuple[int, dict[str, Any]]:
        """Call a route as an operator; return status and answer."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        request = event("operations", httpMethod=method, path=path, body=text, **changes)
        answer = operations_handler.lambda_handler(request, LambdaContext())
        return answer["statusCode"], json.loads(answer["body"])

    def deploy(self, body: Any, model: str = "iris", **changes: Any) -> tuple[int, dict[str, Any]]:
        return self.call("POST", f"/api/v1/models/{model}/deployments", body, **changes)

    def undeploy(self, model: str = "iris") -> tuple[int, dict[str, Any]]:
        return self.call("DELETE", f"/api/v1/models/{model}/deployments")

    def redrive(self, id_: str, model: str = "iris") -> tuple[int, dict[str, Any]]:
        return self.call("POST", f"/api/v1/models/{model}/deployments/{id_}/redrive")

    def reconcile(self, **query: str) -> tuple[int, dict[str, Any]]:
        path = "/api/v1/models/iris/deployments/reconcile"
        return self.call("POST", path, queryStringParameters=query or None)


@pytest.fixture
def operating(monkeypatch: pytest.MonkeyPatch) -> Operating:
    """The function with a store, a workflow and a reconciler of its own."""
    operating = Operating()
    monkeypatch.setattr(operations_handler, "operations", lambda: operating.operations)
    return operating


ROUTES = [
    ("POST", "/api/v1/models/iris/deployments"),
    ("DELETE", "/api/v1/models/iris/deployments"),
    ("POST", f"/api/v1/models/iris/deployments/{FAILED.id}/redrive"),
    ("POST", "/api/v1/models/iris/deployments/reconcile"),
]


@pytest.mark.parametrize("version", ["3", 3])
def test_deploying_makes_the_newest_request(operating: Operating, version: str | int) -> None:
    """The answer is 202 only after desired item, record and execution exist."""
    status, answer = operating.deploy({"model_version": version})

    record = operating.store.deployments[answer["deployment_id"]]
    assert 202 == status
    assert {
        "model_id": "iris",
        "model_version": "3",
        "deployment_id": record.id,
        "status": "accepted",
    } == answer
    assert (RequestedBy.OPERATOR, NOW, "3") == (
        record.origin,
        record.requested_at,
        record.model_version,
    )
    assert DesiredDeployment.of(record) == operating.store.desired_deployments["iris"]
    assert [("iris", record.id)] == operating.workflow.started


def test_the_live_version_can_be_deployed_again(operating: Operating) -> None:
    """As a new deployment, while the live one continues to serve."""
    _, answer = operating.deploy({"model_version": LIVE.model_version})

    assert LIVE.id != answer["deployment_id"]
    assert LIVE.id == operating.store.live_ids["iris"]


@pytest.mark.parametrize("standing_at", [NOW, NOW + timedelta(seconds=30)])
def test_an_operators_request_is_newer_than_the_desired_one(
    operating: Operating, standing_at: datetime
) -> None:
    """Even if MLflow's clock is ahead of ours."""
    ahead = a_deployment(model_version="9", requested_at=standing_at)
    operating.store.desired_deployments["iris"] = DesiredDeployment.of(ahead)

    _, answer = operating.deploy({"model_version": "1"})
    assert answer["deployment_id"] == operating.store.desired_deployments["iris"].deployment_id

    operating.undeploy()
    assert operating.store.desired_deployments["iris"].deployment_id is None
    assert operating.store.desired_deployments["iris"].requested_at > standing_at


def test_a_percent_encoded_name_is_decoded_once(operating: Operating) -> None:
    """REST APIs pass the path on as it was sent."""
    _, answer = operating.deploy({"model_version": "1"}, "Gr%C3%BC%C3%9Fe%20an%20100%25")

    assert "Grüße an 100%" == answer["model_id"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "invalid_json"),
        ("{", "invalid_json"),
        ("[]", "invalid_request"),
        ("{}", "invalid_request"),
        ({"model_version": "3", "force": True}, "invalid_request"),
        ({"version": "3"}, "invalid_request"),
        *[
            ({"model_version": version}, "invalid_request")
            for version in (
                *("", "latest", "v3", "0", "03", "-1", "3\n", "³", "٣", "1" * 11),
                *(0, -1, 3.0, True, None, ["3"], 10**10),
            )
        ],
    ],
)
def test_a_body_that_names_no_version_is_400(operating: Operating, body: Any, code: str) -> None:
    """Nothing is written."""
    status, answer = operating.deploy(body)

    assert (400, code) == (status, answer["code"])
    assert [] == operating.workflow.started


def test_another_media_type_is_415(operating: Operating) -> None:
    """As for predictions."""
    status, answer = operating.deploy("model_version=3", headers={"content-type": "text/plain"})

    assert (415, "unsupported_media_type") == (status, answer["code"])


@pytest.mark.parametrize("name", ["a%2Fb", "a%3Ab", "x" * 257])
def test_a_name_that_no_model_can_have_is_400(operating: Operating, name: str) -> None:
    """MLflow does not allow such names."""
    status, answer = operating.deploy({"model_version": "1"}, name)

    assert (400, "invalid_request") == (status, answer["code"])
    assert [] == operating.workflow.started


def test_undeploying_desires_nothing_and_reconciles(operating: Operating) -> None:
    """The request is stored; the reconciler undeploys the model and reads the alias."""
    standing = replace(operating.store.desired_deployments["iris"], registry_version="2")
    operating.store.desired_deployments["iris"] = standing

    answered = operating.undeploy()

    assert (202, {"model_id": "iris", "status": "accepted"}) == answered
    assert ["iris"] == operating.reconciliation.requested
    assert (
        DesiredDeployment(
            model_id="iris",
            deployment_id=None,
            model_version=None,
            requested_at=NOW,
            origin=RequestedBy.OPERATOR,
        )
        == operating.store.desired_deployments["iris"]
    )


def test_undeploying_a_model_without_a_desired_deployment(operating: Operating) -> None:
    """Its records are older than the desired item."""
    del operating.store.desired_deployments["iris"]

    assert 202 == operating.undeploy()[0]
    assert operating.store.desired_deployments["iris"].deployment_id is None


def test_undeploying_reads_again_if_the_desired_deployment_changes(
    operating: Operating, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that arrives meanwhile is not overlooked."""
    answers = [None, operating.store.desired_deployments["iris"]]
    monkeypatch.setattr(operating.store, "desired", lambda _model_id: answers.pop(0))

    assert 202 == operating.undeploy()[0]
    assert operating.store.desired_deployments["iris"].deployment_id is None


def test_undeploying_an_unknown_model_is_404(operating: Operating) -> None:
    """Nothing is written."""
    status, answer = operating.undeploy("nowhere")

    assert (404, "model_not_found") == (status, answer["code"])
    assert "nowhere" not in operating.store.desired_deployments


def test_a_failed_deployment_is_redriven(operating: Operating) -> None:
    """As a new deployment of the same version."""
    status, answer = operating.redrive(FAILED.id)

    record = operating.store.deployments[answer["deployment_id"]]
    assert (202, "accepted", "2") == (status, answer["status"], answer["model_version"])
    assert FAILED.id != record.id
    assert (Status.PENDING, RequestedBy.OPERATOR) == (record.status, record.origin)
    assert record.id == operating.store.desired_deployments["iris"].deployment_id
    assert FAILED == operating.store.deployments[FAILED.id]


def test_only_a_failed_deployment_is_redriven(operating: Operating) -> None:
    """The message names its status."""
    status, answer = operating.redrive(LIVE.id)

    assert (400, "invalid_request") == (status, answer["code"])
    assert "this one is deployed" in answer["detail"]
    assert [] == operating.workflow.started


@pytest.mark.parametrize(
    ("model", "id_"),
    [("iris", "nowhere"), ("wine", FAILED.id), ("iris", "live"), ("iris", "desired")],
)
def test_an_unknown_deployment_is_404(operating: Operating, model: str, id_: str) -> None:
    """The table's other items are not deployments."""
    status, answer = operating.redrive(id_, model)

    assert (404, "not_found") == (status, answer["code"])


@pytest.mark.parametrize(
    ("query", "dry_run"), [({}, False), ({"dry_run": "false"}, False), ({"dry_run": "true"}, True)]
)
def test_reconciling_returns_the_report(
    operating: Operating, query: dict[str, str], *, dry_run: bool
) -> None:
    """Of this model alone."""
    status, answer = operating.reconcile(**query)

    assert 200 == status
    assert {
        "dry_run": dry_run,
        "models": 1,
        "changes": [{"model_id": "iris", **CHANGE}],
        "failed": 0,
    } == answer
    assert [("iris", dry_run)] == operating.reconciliation.ran


def test_an_unclear_dry_run_is_400(operating: Operating) -> None:
    """A caller who wants a dry run must not get a real one."""
    status, answer = operating.reconcile(dry_run="yes")

    assert (400, "invalid_request") == (status, answer["code"])
    assert [] == operating.reconciliation.ran


def test_a_long_reconciliation_is_202(operating: Operating) -> None:
    """It continues after the answer, because API Gateway does not wait."""
    operating.reconciliation.error = ReconciliationRunningError("iris")

    assert (202, {"model_id": "iris", "status": "running"}) == operating.reconcile()


def test_a_failed_reconciliation_is_500(operating: Operating) -> None:
    """The message says where to look."""
    operating.reconciliation.error = ReconciliationError("KeyError")

    status, answer = operating.reconcile()

    assert (500, "internal_error") == (status, answer["code"])
    assert "see the log" in answer["detail"]


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
def test_each_route_needs_a_write_scope(
    operating: Operating, method: str, path: str, context: dict[str, str], refusal: tuple[int, str]
) -> None:
    """Checked before anything is read or written."""
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


@pytest.mark.parametrize(("method", "path"), ROUTES)
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
    told = {name: getattr(line, name) for name in ("user_id", "key_id", "model_id")}
    assert {"user_id": "user-1", "key_id": "key-1", "model_id": "iris"} == told


def test_an_unknown_route_is_404(operating: Operating) -> None:
    """Routes of the other functions too."""
    status, answer = operating.call("GET", "/api/v1/models/iris")

    assert (404, "not_found") == (status, answer["code"])


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

    made = operations()

    config = made.reconciliation._client.meta.config  # type: ignore[attr-defined]
    assert (25, 1) == (config.read_timeout, config.retries["total_max_attempts"])
    operations.cache_clear()

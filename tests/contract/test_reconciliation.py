"""The fake reconciliation and Lambda's (botocore's stubber) behave the same."""

import io
import json
from collections.abc import Iterator
from typing import Any, NoReturn

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from functions.common.deployments.reconciliation import (
    LambdaReconciliation,
    Reconciliation,
    ReconciliationError,
    ReconciliationRunningError,
)
from tests.fakes.reconciliation import FakeReconciliation

CHANGE = {"change": "Retarget", "detail": "version 2 is requested"}


@pytest.fixture
def stubbed() -> Iterator[tuple[LambdaReconciliation, Stubber]]:
    """The adapter and a stub of Lambda; every expected call must be made."""
    client = boto3.client("lambda", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield LambdaReconciliation(client, "reconcile"), stubber
        stubber.assert_no_pending_responses()


def expect(stubber: Stubber, kind: str, asked: Any, answer: dict[str, Any]) -> None:
    """Expect one invocation of the function with *asked*."""
    parameters = {"FunctionName": "reconcile", "InvocationType": kind, "Payload": json.dumps(asked)}
    stubber.add_response("invoke", answer, parameters)


def returning(payload: Any, **more: Any) -> dict[str, Any]:
    """Return Lambda's answer to a synchronous call that returned *payload*."""
    raw = json.dumps(payload).encode()
    return {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(raw), len(raw)), **more}


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_run_returns_the_report(
    stubbed: tuple[LambdaReconciliation, Stubber], dry_run: bool
) -> None:
    """The report is that of the requested model."""
    adapter, stubber = stubbed
    report = {
        "dry_run": dry_run,
        "models": 1,
        "changes": [{"model_id": "Grüße", **CHANGE}],
        "held": [],
        "unreadable": [],
        "failed": 2,
    }
    asked = {"model_id": "Grüße", "dry_run": dry_run}
    expect(stubber, "RequestResponse", asked, returning(report))

    both: tuple[Reconciliation, ...] = (adapter, FakeReconciliation(CHANGE, failed=2))
    assert [report, report] == [each.run("Grüße", dry_run=dry_run) for each in both]


def test_a_request_is_an_asynchronous_call(stubbed: tuple[LambdaReconciliation, Stubber]) -> None:
    """Lambda queues it and retries it if it fails."""
    adapter, stubber = stubbed
    expect(stubber, "Event", {"model_id": "iris"}, {"StatusCode": 202})

    assert adapter.request("iris") is None


@pytest.mark.parametrize(
    "answer",
    [
        returning({"errorMessage": "boom", "errorType": "KeyError"}, FunctionError="Unhandled"),
        returning(None),
        returning([]),
    ],
)
def test_a_failed_run_raises(
    stubbed: tuple[LambdaReconciliation, Stubber], answer: dict[str, Any]
) -> None:
    """The reconciler's own message stays in its log."""
    adapter, stubber = stubbed
    expect(stubber, "RequestResponse", {"model_id": "iris", "dry_run": False}, answer)

    with pytest.raises(ReconciliationError) as broken:
        adapter.run("iris", dry_run=False)

    assert "boom" not in str(broken.value)


def test_a_run_that_takes_too_long_continues() -> None:
    """The caller stops waiting; the function runs to its end."""
    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client("lambda", region_name="us-east-1", config=once)
    client.meta.events.register("before-send.lambda.Invoke", time_out)

    with pytest.raises(ReconciliationRunningError):
        LambdaReconciliation(client, "reconcile").run("iris", dry_run=False)


def test_lambdas_own_errors_pass_through(stubbed: tuple[LambdaReconciliation, Stubber]) -> None:
    """A request that Lambda did not accept is lost, so its caller must know."""
    adapter, stubber = stubbed
    stubber.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)

    with pytest.raises(ClientError):
        adapter.request("iris")


def time_out(**_: Any) -> NoReturn:
    """Raise a read time-out."""
    raise ReadTimeoutError(endpoint_url="https://lambda.test")

"""`make undeploy-all`: confirmed, closed to new requests first, repeated until nothing is left."""

import io
import json
from typing import Any

import pytest

from infra.installation import Installation
from infra.undeploy_all import NotConfirmedError, confirm, undeploy_all

LEFT = {"serving": 1, "in_progress": 0, "endpoints": 1, "changes": 0}
NOTHING = dict.fromkeys(LEFT, 0)
CHANGE = {"model_id": "iris", "change": "Withdraw", "detail": "version 1: going"}


def report(*, done: bool, webhook: str = "absent", failed: int = 0) -> dict[str, Any]:
    return {
        "done": done,
        "webhook": {"state": webhook, "detail": "why"},
        "changes": [] if done else [CHANGE],
        "failed": failed,
        "left": NOTHING if done else LEFT,
    }


class Aws:
    """Lambda and EventBridge; *reports* are the reconciler's, the last one over and over."""

    def __init__(self, *reports: dict[str, Any]) -> None:
        self.calls: list[tuple[str, str]] = []
        self.reports = list(reports)

    def disable_rule(self, *, Name: str) -> None:  # noqa: N803 - AWS's names
        self.calls.append(("disable", Name))

    def put_function_concurrency(self, **given: Any) -> None:
        assert given["ReservedConcurrentExecutions"] == 0
        self.calls.append(("close", given["FunctionName"]))

    def delete_function_concurrency(self, **given: Any) -> None:
        self.calls.append(("open", given["FunctionName"]))

    def invoke(self, **given: Any) -> dict[str, Any]:
        assert json.loads(given["Payload"]) == {"take_down": True}
        self.calls.append(("take down", given["FunctionName"]))
        found = self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]
        error = {"FunctionError": "Unhandled"} if "errorType" in found else {}
        return {"Payload": io.BytesIO(json.dumps(found).encode()), **error}


def undeployed(aws: Aws, lines: list[str]) -> bool:
    class Deployed(Installation):
        """An installation in made-up AWS."""

        def client(self, _service: Any) -> Any:
            return aws

    outputs = {
        "ReconciliationRule": "schedule",
        "MlflowHookFunction": "hook",
        "OperateFunction": "operate",
        "ReconcileFunction": "reconcile",
    }
    installation = Deployed(name="production", stack_name="S", status="", outputs=outputs)
    return undeploy_all(installation, lines.append, settle_s=0, poll_s=0)


def test_new_requests_are_closed_before_anything_is_undeployed() -> None:
    """Or a registration would be deployed behind its back."""
    aws, lines = Aws(report(done=False, webhook="removed"), report(done=True)), list[str]()

    assert undeployed(aws, lines)
    assert [
        ("disable", "schedule"),
        ("close", "hook"),
        ("close", "operate"),
        ("open", "reconcile"),
        ("take down", "reconcile:live"),
        ("take down", "reconcile:live"),
        ("close", "reconcile"),
    ] == aws.calls
    assert any("iris: version 1: going" in line for line in lines)
    assert any("1 models that serve" in line for line in lines)


def test_a_run_that_breaks_is_repeated() -> None:
    """It may have taken longer than a function may."""
    broken = {"errorType": "Sandbox.Timedout", "errorMessage": "timed out after 900 s"}
    aws, lines = Aws(broken, report(done=False, failed=1), report(done=True)), list[str]()

    assert undeployed(aws, lines)
    assert any("timed out" in line for line in lines)


def test_it_gives_up_when_it_goes_on_failing() -> None:
    """It says where to look, and its exit code is 1."""
    lines: list[str] = []

    assert not undeployed(Aws(report(done=False, failed=1)), lines)
    assert "log of the function Reconcile" in lines[-1]


@pytest.mark.parametrize(("state", "good"), [("failed", False), ("unmanaged", True)])
def test_a_webhook_that_stays_is_named(state: str, good: bool) -> None:
    """It costs nothing, so everything else is taken down all the same."""
    lines: list[str] = []

    assert good == undeployed(Aws(report(done=True, webhook=state)), lines)
    assert "by hand: why" in lines[-1]


def test_without_a_terminal_the_name_must_be_given() -> None:
    """In the variable CONFIRM."""
    confirm("production", ask=None, confirmed="production")

    for given in ("", "staging", "yes"):
        with pytest.raises(NotConfirmedError, match="CONFIRM=production"):
            confirm("production", ask=None, confirmed=given)


def test_a_person_types_the_name() -> None:
    """Anything else changes nothing."""
    confirm("production", ask=lambda _: "production\n", confirmed="")

    with pytest.raises(NotConfirmedError, match="Nothing was changed"):
        confirm("production", ask=lambda _: "y", confirmed="")

"""Reconciling one model on request."""

import pytest

from functions.common.deployments.reconciliation import (
    ReconciliationError,
    ReconciliationRunningError,
)
from tests.unit.operate.operating import (
    CHANGE,
    Operating,
)


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
        "held": [],
        "unreadable": [],
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

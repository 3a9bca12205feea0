"""Abandoned deployments are restarted or ended, and leftovers are deleted."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.providers.base import Endpoint
from functions.provision.names import tags
from functions.provision.reconciliation.changes import DeleteResources, MarkFailed, Restart
from functions.provision.reconciliation.orphans import ORPHAN_GRACE, orphans
from functions.provision.reconciliation.plan import MAX_RUNS, STUCK_AFTER
from tests.builders import NOON
from tests.unit.provision.endpoints import endpoint_of, name_of, with_endpoint
from tests.unit.provision.reconciliation.observed_models import (
    LATE,
    RETIRE_AFTER,
    a_model,
    an_observed_model,
    descriptions,
    desired_nothing,
    planned,
    requested,
    state_of,
)

SECOND = timedelta(seconds=1)


# Deployments that nothing works on.


@pytest.mark.parametrize("status", [Status.PENDING, Status.DEPLOYING])
@pytest.mark.parametrize("arn", ["ended", None])
def test_an_abandoned_deployment_is_restarted(status: Status, arn: str | None) -> None:
    """Whether its execution died or was never started."""
    stuck = requested("1", status=status, execution_arn=arn)

    found = planned(an_observed_model(state_of(stuck), a_model("1")))

    assert [Restart(deployment=stuck)] == found
    assert ["Restart version 1: nothing was working on it"] == descriptions(found)


def test_a_deployment_with_a_running_execution_needs_no_change() -> None:
    """However long it takes."""
    busy = requested("1", execution_arn="working")

    assert [] == planned(an_observed_model(state_of(busy), a_model("1"), running=["working"]))


@pytest.mark.parametrize(("before", "expected"), [(SECOND, 0), (timedelta(0), 1)])
def test_a_recent_record_is_not_restarted(before: timedelta, expected: int) -> None:
    """The webhook starts its execution right after writing it."""
    young = requested("1", updated_at=NOON)
    observed = an_observed_model(state_of(young), a_model("1"), now=NOON + STUCK_AFTER - before)

    assert expected == len(planned(observed))


def test_an_abandoned_deployment_that_is_not_requested_is_restarted_to_end() -> None:
    """The workflow cleans it up."""
    older, newer = requested("1", execution_arn="ended"), requested("2", execution_arn="working")

    found = planned(
        an_observed_model(state_of(older, newer), a_model("1", "2"), running=["working"])
    )

    assert [Restart(deployment=older)] == found


@pytest.mark.parametrize("run", [MAX_RUNS - 1, MAX_RUNS, MAX_RUNS + 1])
def test_a_deployment_whose_executions_keep_dying_is_marked_failed(run: int) -> None:
    """With a reason; another attempt follows after a pause."""
    dying = requested("1", run=run, execution_arn="ended")

    found = planned(an_observed_model(state_of(dying), a_model("1")))

    if run < MAX_RUNS:
        assert [Restart(deployment=dying)] == found
    else:
        assert [MarkFailed(deployment=dying)] == found
        assert [f"MarkFailed version 1: none of {run} executions came to an end"] == descriptions(
            found
        )


# What deployments that have ended have left.


def left(status: Status, **changes: Any) -> Deployment:
    return with_endpoint(requested("1", status=status, **changes))


def removals(deployment: Deployment, *, now: Any = LATE) -> list[Any]:
    state = state_of(deployment, desired=desired_nothing())
    return [
        each
        for each in planned(an_observed_model(state, None, now=now))
        if isinstance(each, DeleteResources)
    ]


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED])
def test_resources_of_an_ended_deployment_are_deleted(status: Status) -> None:
    """The execution that should have done it died."""
    ended = left(status)

    assert [DeleteResources(deployment=ended)] == removals(ended)
    expected = (
        f"DeleteResources version 1: its {status.value} deployment still had files or an endpoint"
    )
    assert [expected] == descriptions(removals(ended))


@pytest.mark.parametrize("removing", [True, False])
@pytest.mark.parametrize(("before", "expected"), [(SECOND, 0), (timedelta(0), 1)])
def test_resources_of_a_recently_ended_deployment_are_kept(
    before: timedelta, expected: int, removing: bool
) -> None:
    """Cached lookups still lead to it, and a rollback may reuse its endpoint."""
    ended = left(Status.STOPPED, updated_at=NOON, removing=removing)

    assert expected == len(removals(ended, now=NOON + RETIRE_AFTER - before))


@pytest.mark.parametrize(
    "deployment",
    [
        left(Status.STOPPED, removed=True),
        left(Status.FAILED, removed=True),
        left(Status.STOPPED, handed_to="another"),
        left(Status.DEPLOYED),
        left(Status.DEPLOYING),
    ],
)
def test_resources_that_are_gone_or_in_use_are_not_deleted(deployment: Deployment) -> None:
    """In use means that another deployment has taken the endpoint over."""
    assert [] == removals(deployment)


# Endpoints that no deployment names.


KNOWN = with_endpoint(requested("1"))
UNNAMED = requested("1")
OLD = NOON - ORPHAN_GRACE


def searched(endpoint: Endpoint, *states: ModelState) -> list[str]:
    return descriptions(orphans({endpoint.name: endpoint}, states, now=NOON))


def test_an_orphaned_endpoint_is_deleted() -> None:
    """Its record or the whole table was deleted."""
    lost = endpoint_of(requested("2"), created_at=OLD)

    expected = [f"DeleteEndpoint endpoint {lost.name}: no deployment names it"]
    assert expected == searched(lost, state_of(KNOWN))
    assert expected == searched(lost)


@pytest.mark.parametrize("created_at", [None, OLD + SECOND, NOON, NOON + SECOND])
def test_a_recent_endpoint_is_not_an_orphan(created_at: Any) -> None:
    """Its record may be newer than the records read; nor is one without a date."""
    assert [] == searched(endpoint_of(requested("2"), created_at=created_at))


@pytest.mark.parametrize("deployment", [KNOWN, UNNAMED])
def test_an_endpoint_that_a_record_names_is_not_an_orphan(deployment: Deployment) -> None:
    """By its name, or by its tag, which exists before the record has the name."""
    found = endpoint_of(deployment, created_at=OLD)

    assert [] == searched(found, state_of(requested("3")), state_of(deployment))


def test_a_reused_endpoint_is_not_an_orphan() -> None:
    """Even if the record of its first deployment is gone."""
    taker = requested("1", attempt=2, adopted_from=KNOWN.id, endpoint_name=name_of(KNOWN))

    assert [] == searched(endpoint_of(KNOWN, created_at=OLD), state_of(taker))


def test_an_endpoint_without_a_deployments_tag_is_deleted() -> None:
    """It has this installation's tag, so it is ours."""
    found = endpoint_of(KNOWN, name="hokus-x", created_at=OLD, tags=tags("x", installation="i")[:2])

    assert 1 == len(searched(found, state_of(UNNAMED)))

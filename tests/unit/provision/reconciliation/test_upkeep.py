"""What nothing works on goes on or ends, and what is left over goes."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.providers.base import Endpoint
from functions.provision.names import tags
from functions.provision.reconciliation.changes import DeleteResources, MarkFailed, Restart
from functions.provision.reconciliation.plan import MAX_RUNS, ORPHAN_GRACE, STUCK_AFTER, orphans
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
def test_what_nothing_works_on_gets_another_execution(status: Status, arn: str | None) -> None:
    """Whether its execution died or never was."""
    stuck = requested("1", status=status, execution_arn=arn)

    found = planned(an_observed_model(state_of(stuck), a_model("1")))

    assert [Restart(deployment=stuck)] == found
    assert ["Restart version 1: nothing was working on it"] == descriptions(found)


def test_what_is_being_worked_on_is_left_alone() -> None:
    """However long it takes."""
    busy = requested("1", execution_arn="working")

    assert [] == planned(an_observed_model(state_of(busy), a_model("1"), running=["working"]))


@pytest.mark.parametrize(("before", "expected"), [(SECOND, 0), (timedelta(0), 1)])
def test_a_young_record_is_left_to_who_made_it(before: timedelta, expected: int) -> None:
    """The webhook starts the execution right after it."""
    young = requested("1", updated_at=NOON)
    observed = an_observed_model(state_of(young), a_model("1"), now=NOON + STUCK_AFTER - before)

    assert expected == len(planned(observed))


def test_what_is_not_wished_any_more_gets_an_execution_to_end_in() -> None:
    """The clean-up is the workflow's."""
    older, newer = requested("1", execution_arn="ended"), requested("2", execution_arn="working")

    found = planned(
        an_observed_model(state_of(older, newer), a_model("1", "2"), running=["working"])
    )

    assert [Restart(deployment=older)] == found


@pytest.mark.parametrize("run", [MAX_RUNS - 1, MAX_RUNS, MAX_RUNS + 1])
def test_what_dies_again_and_again_is_given_up(run: int) -> None:
    """With a reason, and another deployment after a pause."""
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
def test_what_has_ended_is_removed(status: Status) -> None:
    """The execution that should have done it died."""
    ended = left(status)

    assert [DeleteResources(deployment=ended)] == removals(ended)
    expected = (
        f"DeleteResources version 1: its {status.value} deployment still had files or an endpoint"
    )
    assert [expected] == descriptions(removals(ended))


@pytest.mark.parametrize("removing", [True, False])
@pytest.mark.parametrize(("before", "expected"), [(SECOND, 0), (timedelta(0), 1)])
def test_what_has_just_ended_is_kept_for_its_last_users(
    before: timedelta, expected: int, removing: bool
) -> None:
    """Cached lookups lead to it, and a roll-back may want it."""
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
def test_what_is_gone_or_in_use_is_not_removed(deployment: Deployment) -> None:
    """Or was taken over."""
    assert [] == removals(deployment)


# Endpoints that no deployment names.


KNOWN = with_endpoint(requested("1"))
UNNAMED = requested("1")
OLD = NOON - ORPHAN_GRACE


def searched(endpoint: Endpoint, *states: ModelState) -> list[str]:
    return descriptions(orphans({endpoint.name: endpoint}, states, now=NOON))


def test_an_endpoint_that_nobody_knows_is_deleted() -> None:
    """A table that was emptied, or a deployment that was deleted from it."""
    lost = endpoint_of(requested("2"), created_at=OLD)

    expected = [f"DeleteEndpoint endpoint {lost.name}: no deployment names it"]
    assert expected == searched(lost, state_of(KNOWN))
    assert expected == searched(lost)


@pytest.mark.parametrize("created_at", [None, OLD + SECOND, NOON, NOON + SECOND])
def test_a_young_endpoint_is_given_time(created_at: Any) -> None:
    """Its record may have been written after the records were read; without a date, for ever."""
    assert [] == searched(endpoint_of(requested("2"), created_at=created_at))


@pytest.mark.parametrize("deployment", [KNOWN, UNNAMED])
def test_an_endpoint_that_a_record_names_is_not_an_orphan(deployment: Deployment) -> None:
    """By its name, or by the tag, which is older than the name on record."""
    found = endpoint_of(deployment, created_at=OLD)

    assert [] == searched(found, state_of(requested("3")), state_of(deployment))


def test_an_endpoint_that_was_taken_over_is_not_an_orphan() -> None:
    """Though the deployment that it was made for is off the record."""
    taker = requested("1", attempt=2, adopted_from=KNOWN.id, endpoint_name=name_of(KNOWN))

    assert [] == searched(endpoint_of(KNOWN, created_at=OLD), state_of(taker))


def test_an_endpoint_that_does_not_say_whose_it_is_is_deleted() -> None:
    """Only those of this installation are searched at all."""
    found = endpoint_of(KNOWN, name="hokus-x", created_at=OLD, tags=tags("x", installation="i")[:2])

    assert 1 == len(searched(found, state_of(UNNAMED)))

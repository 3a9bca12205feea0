"""Which version is deployed, and when again."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.requests import DeployRequest
from functions.common.providers.base import EndpointState
from functions.provision.reconciliation.changes import Deploy, SetDesired
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.observed_models import (
    LATE,
    a_model,
    an_observed_model,
    as_desired,
    descriptions,
    desired_nothing,
    hours,
    listed,
    planned,
    registered,
    requested,
    serving,
    state_of,
)

LIVE = serving("1")
STANDING = endpoint_of(LIVE)
COMING = requested("2", execution_arn="working")
AGAIN = "it failed for a cause that may have passed"


def failed(version: str, **changes: Any) -> Deployment:
    """One whose failure is the model's own, unless *changes* say otherwise; all is removed."""
    return requested(version, **{"status": Status.FAILED, "removed": True, **changes})


def a_request(version: str, **changes: Any) -> DeployRequest:
    """One that knows when the version was registered: the registry has just been asked."""
    return DeployRequest(
        model_id="iris", model_version=version, registered_at=registered(version), **changes
    )


def changes(*args: Any, alias: str | None = None, **seen: Any) -> list[str]:
    return descriptions(planned(an_observed_model(*args, running=["working"], **seen), alias=alias))


# Nothing to do.


@pytest.mark.parametrize(
    "state",
    [EndpointState.RUNNING, EndpointState.STARTING, EndpointState.ASLEEP],
)
def test_what_serves_and_is_wished_is_left_alone(state: EndpointState) -> None:
    """Also while it sleeps, or is just being woken."""
    assert [] == changes(state_of(LIVE), a_model("1"), endpoint_of(LIVE, state=state))


def test_what_is_on_its_way_is_left_alone() -> None:
    """And so is what serves meanwhile, even if it is broken: help is on its way."""
    state = state_of(LIVE, COMING)

    assert [] == changes(state, a_model("1", "2"), STANDING)
    assert [] == changes(state, a_model("1", "2"))


def test_a_model_without_versions_needs_nothing() -> None:
    """Somebody has made room for one."""
    assert [] == changes(state_of(), a_model())


def test_what_nobody_wishes_and_nothing_serves_needs_nothing() -> None:
    """A model that was deleted long ago."""
    gone = requested("1", status=Status.STOPPED, removed=True)

    assert [] == changes(state_of(gone, desired=desired_nothing()), None)


# Deploy.


def test_a_version_that_was_not_heard_of_is_deployed() -> None:
    """Its request is as old as its registration, so that the lost webhook, if it comes, is no newer
    than what has been registered since."""
    observed = an_observed_model(state_of(), a_model("1", "2"))

    request = a_request("2", requested_at=registered("2"))
    why = "it had not been heard of"
    assert [Deploy(request=request, expected=None, why=why)] == planned(observed)
    assert [f"Deploy version 2: {why}"] == descriptions(planned(observed))


def test_where_an_alias_decides_a_wish_is_made_now() -> None:
    """Nobody knows when the alias was moved; the registration was long before."""
    observed = an_observed_model(state_of(LIVE), a_model("1", "2", champion="2"), STANDING)

    request = a_request("2", requested_at=LATE, registry_version="2")
    expected = Deploy(request=request, expected=as_desired(LIVE), why="it had not been heard of")
    assert [expected] == planned(observed, alias="champion")


def test_a_deployment_that_lost_its_record_is_made_anew() -> None:
    """The hook died between the desired and the record."""
    lost = as_desired(requested("1"))

    assert ["Deploy version 1: it had not been heard of"] == changes(
        state_of(desired=lost), a_model("1")
    )


@pytest.mark.parametrize(
    "endpoints", [[], [endpoint_of(LIVE, state=EndpointState.FAILED)]], ids=["gone", "failed"]
)
def test_a_broken_endpoint_is_replaced(endpoints: list[Any]) -> None:
    """By another attempt at the same request; the record keeps serving until then."""
    observed = an_observed_model(state_of(LIVE), a_model("1"), *endpoints)

    request = a_request("1", requested_at=registered("1"), attempt=2)
    why = "its endpoint is gone or has failed"
    assert [Deploy(request=request, expected=as_desired(LIVE), why=why)] == planned(observed)


def test_what_was_stopped_is_deployed_when_it_is_wished_again() -> None:
    """The version that had replaced it was deleted."""
    stopped = requested("1", status=Status.STOPPED, removed=True)
    state = state_of(stopped, desired=desired_nothing())

    assert ["Deploy version 1: it is requested again"] == changes(state, a_model("1"))


@pytest.mark.parametrize(
    ("attempt", "pause"),
    [
        (1, timedelta(0)),
        (2, timedelta(minutes=15)),
        (3, timedelta(minutes=30)),
        (4, timedelta(hours=1)),
        (8, timedelta(hours=16)),
        (9, timedelta(days=1)),
        (99, timedelta(days=1)),
    ],
)
def test_a_cause_that_may_pass_is_waited_for_ever_longer(attempt: int, pause: timedelta) -> None:
    """From at once to once a day, for as long as it is requested."""
    last = failed("1", retryable=True, attempt=attempt, updated_at=hours(1))
    state, due = state_of(last), hours(1) + pause

    assert [f"Deploy version 1: {AGAIN}"] == changes(state, a_model("1"), now=due)
    if pause:
        assert [] == changes(state, a_model("1"), now=due - timedelta(seconds=1))


def test_another_attempt_is_at_the_same_wish() -> None:
    """Of the same person, at the same time: it is no newer than what was requested since."""
    by_operator = failed("1", retryable=True, attempt=2, origin=RequestedBy.OPERATOR)
    (change,) = planned(an_observed_model(state_of(by_operator), a_model("1")))

    expected = a_request("1", requested_at=registered("1"), origin=RequestedBy.OPERATOR, attempt=3)
    assert isinstance(change, Deploy)
    assert (expected, as_desired(by_operator)) == (change.request, change.expected)


def test_attempts_are_counted_for_every_version_of_a_number() -> None:
    """One that was registered again begins anew."""
    earlier = failed("1", retryable=True, attempt=7)
    again = listed("1", registered_at=hours(9))

    (change,) = planned(an_observed_model(state_of(earlier), a_model(again)))

    assert isinstance(change, Deploy)
    assert (1, hours(9)) == (change.request.attempt, change.request.requested_at)


# What failed for what it is.


def test_a_version_that_failed_for_what_it_is_is_not_tried_again() -> None:
    """There is no other one, so nothing is to be done until a person does it."""
    assert [] == changes(state_of(failed("1")), a_model("1"))


def test_a_spent_version_leaves_what_serves_the_target() -> None:
    """So that an execution for the spent one would end."""
    (change,) = planned(an_observed_model(state_of(LIVE, failed("2")), a_model("1", "2"), STANDING))

    assert SetDesired(desired=as_desired(LIVE), expected=as_desired(failed("2"))) == change
    assert ["SetDesired version 1 is requested"] == descriptions([change])


def test_a_spent_version_leaves_the_place_to_the_one_before() -> None:
    """Also when that one has ended, and when it was never heard of."""
    stopped = requested("1", status=Status.STOPPED, removed=True)
    model = a_model("1", "2")

    assert ["Deploy version 1: it is requested again"] == changes(
        state_of(stopped, failed("2")), model
    )
    assert ["Deploy version 1: it had not been heard of"] == changes(state_of(failed("2")), model)


def test_where_an_alias_decides_a_spent_version_leaves_the_place_to_what_serves_only() -> None:
    """No other version may."""
    model = a_model("1", "2", "3", champion="3")
    stopped = requested("2", status=Status.STOPPED, removed=True)

    serves = an_observed_model(state_of(LIVE, failed("3")), model, STANDING)
    assert [
        SetDesired(desired=as_desired(LIVE, registry_version="3"), expected=as_desired(failed("3")))
    ] == (planned(serves, alias="champion"))
    assert [] == changes(state_of(stopped, failed("3")), model, alias="champion")


def test_what_serves_is_not_spent_by_a_later_failure() -> None:
    """An operator has deployed it again, in vain."""
    vain = failed("1", requested_at=hours(5), origin=RequestedBy.OPERATOR)
    state = state_of(LIVE, vain)

    assert ["SetDesired version 1 is requested"] == changes(state, a_model("1"), STANDING)
    assert [] == changes(state, a_model("1"))

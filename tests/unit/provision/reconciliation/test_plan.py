"""The version to deploy, and the time of the next attempt."""

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
    requested_by_operator,
    serving,
    state_of,
)

LIVE = serving("1")
STANDING = endpoint_of(LIVE)
COMING = requested("2", execution_arn="working")
AGAIN = "it failed for a cause that may have passed"


def failed(version: str, **changes: Any) -> Deployment:
    """Return a deployment that failed for its model's own fault and has been removed, with
    *changes*.
    """
    return requested(version, **{"status": Status.FAILED, "removed": True, **changes})


def a_request(version: str, **changes: Any) -> DeployRequest:
    """Return a request that has the version's time of registration."""
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
def test_a_requested_live_deployment_needs_no_change(state: EndpointState) -> None:
    """Also while it sleeps or wakes up."""
    assert [] == changes(state_of(LIVE), a_model("1"), endpoint_of(LIVE, state=state))


def test_a_deployment_in_progress_needs_no_change() -> None:
    """Neither does the live one meanwhile, even if it is broken."""
    state = state_of(LIVE, COMING)

    assert [] == changes(state, a_model("1", "2"), STANDING)
    assert [] == changes(state, a_model("1", "2"))


def test_a_model_without_versions_needs_no_change() -> None:
    """It was only created."""
    assert [] == changes(state_of(), a_model())


def test_a_deleted_model_without_deployment_needs_no_change() -> None:
    """It was undeployed long ago."""
    gone = requested("1", status=Status.STOPPED, removed=True)

    assert [] == changes(state_of(gone, desired=desired_nothing()), None)


# Deploy.


def test_a_version_without_a_request_is_deployed() -> None:
    """The request has the time of registration, so that a late webhook is not newer."""
    observed = an_observed_model(state_of(), a_model("1", "2"))

    request = a_request("2", requested_at=registered("2"))
    why = "it had not been heard of"
    assert [Deploy(request=request, expected=None, why=why)] == planned(observed)
    assert [f"Deploy version 2: {why}"] == descriptions(planned(observed))


def test_a_request_by_alias_has_the_current_time() -> None:
    """MLflow does not say when an alias was moved."""
    observed = an_observed_model(state_of(LIVE), a_model("1", "2", champion="2"), STANDING)

    request = a_request("2", requested_at=LATE, registry_version="2")
    expected = Deploy(request=request, expected=as_desired(LIVE), why="it had not been heard of")
    assert [expected] == planned(observed, alias="champion")


def test_a_desired_deployment_without_a_record_is_requested_again() -> None:
    """The hook died between writing the desired item and the record."""
    lost = as_desired(requested("1"))

    assert ["Deploy version 1: it had not been heard of"] == changes(
        state_of(desired=lost), a_model("1")
    )


@pytest.mark.parametrize(
    "endpoints", [[], [endpoint_of(LIVE, state=EndpointState.FAILED)]], ids=["gone", "failed"]
)
def test_a_broken_endpoint_is_replaced(endpoints: list[Any]) -> None:
    """By another attempt of the same request; the live one serves until then."""
    observed = an_observed_model(state_of(LIVE), a_model("1"), *endpoints)

    request = a_request("1", requested_at=registered("1"), attempt=2)
    why = "its endpoint is gone or has failed"
    assert [Deploy(request=request, expected=as_desired(LIVE), why=why)] == planned(observed)


def test_a_stopped_version_is_deployed_if_requested_again() -> None:
    """The version that replaced it was deleted."""
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
def test_a_temporary_failure_is_retried_with_growing_pauses(attempt: int, pause: timedelta) -> None:
    """From none to a day, for as long as the version is requested."""
    last = failed("1", retryable=True, attempt=attempt, updated_at=hours(1))
    state, due = state_of(last), hours(1) + pause

    assert [f"Deploy version 1: {AGAIN}"] == changes(state, a_model("1"), now=due)
    if pause:
        assert [] == changes(state, a_model("1"), now=due - timedelta(seconds=1))


def test_another_attempt_keeps_the_requests_origin_and_time() -> None:
    """So that it is not newer than later requests."""
    by_operator = failed("1", retryable=True, attempt=2, origin=RequestedBy.OPERATOR)
    (change,) = planned(an_observed_model(state_of(by_operator), a_model("1")))

    expected = a_request("1", requested_at=registered("1"), origin=RequestedBy.OPERATOR, attempt=3)
    assert isinstance(change, Deploy)
    assert (expected, as_desired(by_operator)) == (change.request, change.expected)


def test_attempts_are_counted_per_registration() -> None:
    """A version registered again starts at one."""
    earlier = failed("1", retryable=True, attempt=7)
    again = listed("1", registered_at=hours(9))

    (change,) = planned(an_observed_model(state_of(earlier), a_model(again)))

    assert isinstance(change, Deploy)
    assert (1, hours(9)) == (change.request.attempt, change.request.requested_at)


# What failed for what it is.


def test_a_permanent_failure_is_not_retried() -> None:
    """Without another version, only its owner can do something."""
    assert [] == changes(state_of(failed("1")), a_model("1"))


def test_after_a_permanent_failure_the_live_version_is_desired() -> None:
    """An execution of the failed one ends then."""
    (change,) = planned(an_observed_model(state_of(LIVE, failed("2")), a_model("1", "2"), STANDING))

    assert SetDesired(desired=as_desired(LIVE), expected=as_desired(failed("2"))) == change
    assert ["SetDesired version 1 is requested"] == descriptions([change])


def test_after_a_permanent_failure_the_version_before_is_deployed() -> None:
    """Also if that one has stopped, or was never deployed."""
    stopped = requested("1", status=Status.STOPPED, removed=True)
    model = a_model("1", "2")

    assert ["Deploy version 1: it is requested again"] == changes(
        state_of(stopped, failed("2")), model
    )
    assert ["Deploy version 1: it had not been heard of"] == changes(state_of(failed("2")), model)


def test_if_an_alias_decides_no_other_version_is_deployed_after_a_failure() -> None:
    """The live version keeps serving."""
    model = a_model("1", "2", "3", champion="3")
    stopped = requested("2", status=Status.STOPPED, removed=True)

    serves = an_observed_model(state_of(LIVE, failed("3")), model, STANDING)
    assert [
        SetDesired(desired=as_desired(LIVE, registry_version="3"), expected=as_desired(failed("3")))
    ] == (planned(serves, alias="champion"))
    assert [] == changes(state_of(stopped, failed("3")), model, alias="champion")


def test_a_later_failure_does_not_rule_out_the_live_version() -> None:
    """An operator's redeployment of it has failed."""
    vain = failed("1", requested_at=hours(5), origin=RequestedBy.OPERATOR)
    state = state_of(LIVE, vain)

    assert ["SetDesired version 1 is requested"] == changes(state, a_model("1"), STANDING)
    assert [] == changes(state, a_model("1"))


def test_an_operators_request_without_record_is_deployed_as_the_operators() -> None:
    """It holds against the newer version, which serves."""
    asked = requested_by_operator("1")
    gone = requested("1", status=Status.STOPPED, removed=True)
    live = serving("2")

    (change,) = planned(
        an_observed_model(state_of(gone, live, desired=asked), a_model("1", "2"), endpoint_of(live))
    )

    assert isinstance(change, Deploy)
    request = change.request
    assert ("1", RequestedBy.OPERATOR) == (request.model_version, request.origin)
    assert (asked.requested_at, 1) == (request.requested_at, request.attempt)

"""The live version is maintained while a newer one cannot replace it yet."""

from datetime import timedelta

from functions.common.deployments.record import RequestedBy, Status
from functions.common.providers.base import EndpointState
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.observed_models import (
    LATE,
    a_model,
    an_observed_model,
    descriptions,
    hours,
    listed,
    planned,
    requested,
    serving,
    state_of,
)

LIVE = serving("1")
STANDING = endpoint_of(LIVE)
PAUSING = requested(
    "2",
    status=Status.FAILED,
    removed=True,
    retryable=True,
    attempt=3,
    updated_at=LATE - timedelta(minutes=1),
)


def test_the_live_version_stays_while_the_aliased_one_is_incomplete() -> None:
    """Its registration has not finished."""
    model = a_model("1", listed("2", ready=False), champion="2")

    assert [] == descriptions(
        planned(an_observed_model(state_of(LIVE), model, STANDING), alias="champion")
    )


def test_an_incomplete_version_is_not_deployed() -> None:
    """The version before it is."""
    model = a_model("1", listed("2", ready=False))

    assert ["Deploy version 1: it had not been heard of"] == descriptions(
        planned(an_observed_model(state_of(), model))
    )


def test_a_broken_endpoint_is_replaced_while_a_newer_version_waits() -> None:
    """The pause before the newer version's next attempt can be a day."""
    found = descriptions(planned(an_observed_model(state_of(LIVE, PAUSING), a_model("1", "2"))))

    assert ["Deploy version 1: its endpoint is gone or has failed"] == found


def test_a_paused_endpoint_is_resumed_during_a_deployment() -> None:
    """No other endpoint answers callers."""
    coming = requested("2", execution_arn="working")
    paused = endpoint_of(LIVE, state=EndpointState.PAUSED)
    observed = an_observed_model(
        state_of(LIVE, coming), a_model("1", "2"), paused, running=["working"]
    )

    assert ["Resume version 1: its endpoint was paused"] == descriptions(planned(observed))


def test_an_older_request_of_the_live_version_does_not_replace_it() -> None:
    """Its execution was lost, and an operator's deployment of the version serves since."""
    lost = requested("1")
    spoken = serving("1", requested_at=hours(5), origin=RequestedBy.OPERATOR)
    observed = an_observed_model(state_of(lost, spoken), a_model("1", "2"), endpoint_of(spoken))

    assert ["Restart version 1: nothing was working on it"] == descriptions(planned(observed))

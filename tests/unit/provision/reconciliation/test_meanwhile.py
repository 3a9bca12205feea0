"""What serves is kept well while a newer version cannot take its place yet."""

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


def test_what_serves_stays_while_an_alias_names_a_version_that_is_not_complete() -> None:
    """The registry is still taking it in."""
    model = a_model("1", listed("2", ready=False), champion="2")

    assert [] == descriptions(
        planned(an_observed_model(state_of(LIVE), model, STANDING), alias="champion")
    )


def test_a_version_that_is_not_complete_is_not_deployed() -> None:
    """The one before it is."""
    model = a_model("1", listed("2", ready=False))

    assert ["Deploy version 1: it had not been heard of"] == descriptions(
        planned(an_observed_model(state_of(), model))
    )


def test_a_broken_endpoint_is_replaced_while_a_newer_version_waits_for_its_next_try() -> None:
    """The wait can be a day."""
    found = descriptions(planned(an_observed_model(state_of(LIVE, PAUSING), a_model("1", "2"))))

    assert ["Deploy version 1: its endpoint is gone or has failed"] == found


def test_a_paused_endpoint_is_resumed_while_a_newer_version_comes_up() -> None:
    """Callers have nothing else."""
    coming = requested("2", execution_arn="working")
    paused = endpoint_of(LIVE, state=EndpointState.PAUSED)
    observed = an_observed_model(
        state_of(LIVE, coming), a_model("1", "2"), paused, running=["working"]
    )

    assert ["Resume version 1: its endpoint was paused"] == descriptions(planned(observed))


def test_what_serves_well_is_not_left_for_an_older_wish_of_the_same_version() -> None:
    """That request's execution was lost; an operator's deployment of the version serves since."""
    lost = requested("1")
    spoken = serving("1", requested_at=hours(5), origin=RequestedBy.OPERATOR)
    observed = an_observed_model(state_of(lost, spoken), a_model("1", "2"), endpoint_of(spoken))

    assert ["Restart version 1: nothing was working on it"] == descriptions(planned(observed))

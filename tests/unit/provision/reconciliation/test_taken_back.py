"""After a rollback what serves becomes the desired one, and nothing is tried again by itself."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments import transitions
from functions.common.deployments.record import Deployment, Status
from functions.provision.reconciliation.changes import SetDesired
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.observed_models import (
    LATE,
    a_model,
    an_observed_model,
    as_desired,
    descriptions,
    hours,
    planned,
    requested,
    requested_by_operator,
    serving,
    state_of,
)

EARLIER = serving("1")
TAKEN_BACK = replace(
    transitions.taken_back(
        transitions.activated(serving("2", requested_at=hours(5)), replacing=EARLIER, at=hours(6)),
        reason="Taken back.",
        at=hours(7),
    ),
    endpoint=replace(serving("2").endpoint, removed=True),
)


def changes(*more: Deployment, alias: str | None = None, **seen: Any) -> list[str]:
    model = a_model("1", "2", *(each.model_version for each in more), **seen.pop("aliases", {}))
    state = state_of(EARLIER, TAKEN_BACK, *more, desired=seen.pop("desired"))
    observed = an_observed_model(state, model, endpoint_of(EARLIER), running=["working"])
    return descriptions(planned(observed, alias=alias))


@pytest.mark.parametrize(
    ("desired", "alias"),
    [
        (as_desired(TAKEN_BACK), None),
        (as_desired(TAKEN_BACK, registry_version="2"), "champion"),
        (replace(requested_by_operator("2"), deployment_id=TAKEN_BACK.id), None),
        (replace(requested_by_operator("2"), deployment_id=TAKEN_BACK.id), "champion"),
    ],
    ids=["newest", "alias", "operator", "operator beside an alias"],
)
def test_what_serves_again_becomes_desired(desired: Any, alias: str | None) -> None:
    """Whoever asked for the version that was taken back; nothing else changes."""
    found = changes(desired=desired, alias=alias, aliases={"champion": "2"})

    noted = [each for each in found if each.startswith("SetDesired")]
    assert "SetDesired version 1 is requested" == noted[-1]
    assert noted == found


def test_nothing_changes_after_that() -> None:
    """The version is not tried again, however late it is."""
    assert [] == changes(desired=as_desired(EARLIER))


def test_a_newer_version_on_its_way_stays_desired() -> None:
    """Also while what came back serves."""
    coming = requested("3", execution_arn="working", updated_at=LATE)

    assert [] == changes(coming, desired=as_desired(coming))


def test_a_version_that_a_person_deploys_again_is_tried() -> None:
    """It is another deployment of it."""
    again = requested("2", requested_at=hours(9), execution_arn="working", updated_at=LATE)

    assert [] == changes(again, desired=as_desired(again))


def test_the_desired_one_is_written_in_place_of_what_was_seen() -> None:
    """Somebody may ask for something else meanwhile."""
    state = state_of(EARLIER, TAKEN_BACK, desired=as_desired(TAKEN_BACK))

    (change,) = planned(an_observed_model(state, a_model("1", "2"), endpoint_of(EARLIER)))

    assert SetDesired(desired=as_desired(EARLIER), expected=as_desired(TAKEN_BACK)) == change
    assert Status.FAILED is TAKEN_BACK.status

"""What a model is as_desired at, and what stops serving."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.providers.base import EndpointState
from functions.provision.reconciliation.changes import SetDesired
from functions.provision.reconciliation.plan import ObservedModel
from functions.provision.registry.base import RegisteredModel
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
    opted_out,
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


def changes(*args: Any, alias: str | None = None, **seen: Any) -> list[str]:
    return descriptions(planned(an_observed_model(*args, running=["working"], **seen), alias=alias))


@pytest.mark.parametrize(
    "desired", [desired_nothing(), as_desired(LIVE), as_desired(requested("9"))]
)
def test_what_is_wished_and_on_its_way_becomes_the_target(desired: Any) -> None:
    """Or it would end as superseded."""
    state = state_of(LIVE, COMING, desired=desired)

    (change,) = planned(an_observed_model(state, a_model("1", "2"), STANDING, running=["working"]))

    assert SetDesired(desired=as_desired(COMING), expected=desired) == change


def test_what_serves_becomes_the_target_when_it_is_wished() -> None:
    """Version 2 was deleted while it was coming up."""
    found = changes(state_of(LIVE, COMING), a_model("1"), STANDING)

    assert ["SetDesired version 1 is requested"] == found


@pytest.mark.parametrize("model", [None, a_model(), a_model(opted_out("1"))])
def test_what_may_not_serve_is_not_the_target(model: RegisteredModel | None) -> None:
    """It ends at its next step; the operator's word, if it was one, with it."""
    coming = requested("1", origin=RequestedBy.OPERATOR, execution_arn="working")

    (change,) = planned(an_observed_model(state_of(coming), model, running=["working"]))

    expected = desired_nothing(requested_at=registered("1"))
    assert SetDesired(desired=expected, expected=as_desired(coming)) == change
    assert ["SetDesired nothing is requested any more"] == descriptions([change])


def test_a_target_without_a_record_is_given_up_with_its_version() -> None:
    """The hook died after the desired, and then the version was deleted."""
    assert ["SetDesired nothing is requested any more"] == changes(
        state_of(desired=as_desired(requested("1"))), a_model()
    )


def test_a_version_that_has_to_wait_keeps_no_other_one_going() -> None:
    """What was opted out ends at once, and not only when the next attempt is due."""
    waiting = requested("1", status=Status.FAILED, retryable=True, attempt=5, updated_at=LATE)
    state = state_of(waiting, COMING)

    assert ["SetDesired nothing is requested any more"] == changes(
        state, a_model("1", opted_out("2"))
    )


# What the alias named when an operator spoke.


@pytest.mark.parametrize(
    ("model", "named"), [(a_model("1", "2", champion="2"), "2"), (a_model("1", "2"), "")]
)
@pytest.mark.parametrize("version", ["1", None])
def test_what_the_alias_names_is_noted_after_an_operators_word(
    version: str | None, model: RegisteredModel, named: str
) -> None:
    """None at all is something to note, too: any alias that comes later is a newer request."""
    spoken = requested_by_operator(version)
    state = state_of(desired=spoken)

    first, *_others = planned(an_observed_model(state, model), alias="champion")

    noted = replace(spoken, registry_version=named)
    assert SetDesired(desired=noted, expected=spoken) == first


@pytest.mark.parametrize(
    ("desired", "model", "alias"),
    [
        (requested_by_operator(None, registry_version="2"), a_model("2", champion="2"), "champion"),
        (requested_by_operator(None, registry_version=""), a_model("2"), "champion"),
        (requested_by_operator(None), a_model("2"), None),
        (requested_by_operator(None), None, "champion"),
        (desired_nothing(), a_model("2"), "champion"),
    ],
)
def test_nothing_else_is_noted(
    desired: DesiredDeployment, model: RegisteredModel | None, alias: str | None
) -> None:
    """It was noted before, no alias decides, there is nothing to look at, or the registry's own
    word needs no note."""
    assert [] == changes(state_of(desired=desired), model, alias=alias)


# Undeploy.


def test_an_operators_undeploying_withdraws_what_serves() -> None:
    """The desired says so already."""
    state = state_of(LIVE, desired=requested_by_operator(None))

    assert ["Undeploy version 1: Undeployed by an operator."] == changes(
        state, a_model("1"), STANDING
    )


@pytest.mark.parametrize(
    ("model", "alias", "why"),
    [
        (None, None, "Deleted in MLflow."),
        (None, "champion", "Deleted in MLflow."),
        (a_model(), None, "Deleted in MLflow."),
        (a_model(opted_out("1")), None, "Opted out in MLflow."),
        (a_model(opted_out("1"), champion="1"), "champion", "Opted out in MLflow."),
        (a_model("1"), "champion", "The alias `champion` does not name it any more."),
        (
            a_model("1", other="1"),
            "champion",
            "The alias `champion` does not name it any more.",
        ),
    ],
)
def test_what_may_not_serve_any_more_is_withdrawn(
    model: RegisteredModel | None, alias: str | None, why: str
) -> None:
    """It is as_desired away from first: what is the desired cannot be undeployed."""
    expected = ["SetDesired nothing is requested any more", f"Undeploy version 1: {why}"]

    assert expected == changes(state_of(LIVE), model, STANDING, alias=alias)


def test_a_number_that_was_registered_again_is_deployed_instead_of_what_served() -> None:
    """What serves has been deleted; its number stands for another model now."""
    again = a_model(listed("1", registered_at=hours(9)))

    assert [
        "Deploy version 1: it had not been heard of",
        "Undeploy version 1: Deleted in MLflow.",
    ] == changes(state_of(LIVE), again, STANDING)


def test_what_serves_stays_until_what_the_alias_names_is_up() -> None:
    """Moving an alias leaves no gap."""
    model = a_model("1", "2", champion="2")

    assert [] == changes(state_of(LIVE, COMING), model, STANDING, alias="champion")


# Resume.


PAUSED = endpoint_of(LIVE, state=EndpointState.PAUSED)
RESUMED = "Resume version 1: its endpoint was paused"


def paused_view(*others: Deployment) -> ObservedModel:
    return an_observed_model(state_of(LIVE, *others), a_model("1"), PAUSED, running=["working"])


def test_a_paused_endpoint_is_started_again() -> None:
    """Somebody paused what is requested; to take it down, they would opt it out."""
    assert [RESUMED] == descriptions(planned(paused_view()))


def test_a_paused_endpoint_is_aimed_at_as_well() -> None:
    """The version that was to replace it was deleted."""
    assert ["SetDesired version 1 is requested", RESUMED] == descriptions(
        planned(paused_view(COMING))
    )


def test_a_paused_endpoint_is_started_while_another_one_is_made() -> None:
    """An operator has deployed the version again; until that is up, this one serves."""
    again = requested("1", requested_at=hours(5), execution_arn="working")

    assert [RESUMED] == descriptions(planned(paused_view(again)))


def test_a_paused_endpoint_of_what_is_not_wished_stays_paused() -> None:
    """It is going to be deleted."""
    expected = [
        "SetDesired nothing is requested any more",
        "Undeploy version 1: Opted out in MLflow.",
    ]

    assert expected == changes(state_of(LIVE), a_model(opted_out("1")), PAUSED)

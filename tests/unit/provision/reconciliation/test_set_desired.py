"""The desired deployment of a model, and undeploying what may not serve."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.providers.base import EndpointState
from functions.provision.reconciliation.changes import Deploy, SetDesired
from functions.provision.reconciliation.observed import ObservedModel
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
def test_a_requested_deployment_in_progress_becomes_desired(desired: Any) -> None:
    """Otherwise it would end as superseded."""
    state = state_of(LIVE, COMING, desired=desired)

    (change,) = planned(an_observed_model(state, a_model("1", "2"), STANDING, running=["working"]))

    assert SetDesired(desired=as_desired(COMING), expected=desired) == change


def test_the_requested_live_deployment_becomes_desired() -> None:
    """For example after version 2 was deleted during its deployment."""
    found = changes(state_of(LIVE, COMING), a_model("1"), STANDING)

    assert ["SetDesired version 1 is requested"] == found


@pytest.mark.parametrize("model", [None, a_model(), a_model(opted_out("1"))])
def test_a_version_that_may_not_serve_is_not_desired(model: RegisteredModel | None) -> None:
    """Its deployment ends at its next step, and an operator's request with it."""
    coming = requested("1", origin=RequestedBy.OPERATOR, execution_arn="working")

    (change,) = planned(an_observed_model(state_of(coming), model, running=["working"]))

    expected = desired_nothing(requested_at=registered("1"))
    assert SetDesired(desired=expected, expected=as_desired(coming)) == change
    assert ["SetDesired nothing is requested any more"] == descriptions([change])


def test_a_desired_deployment_without_record_and_version_is_given_up() -> None:
    """The hook died after writing the desired item, and then the version was deleted."""
    assert ["SetDesired nothing is requested any more"] == changes(
        state_of(desired=as_desired(requested("1"))), a_model()
    )


def test_an_opted_out_deployment_ends_while_another_version_waits() -> None:
    """It ends at once, not when the next attempt is due."""
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
def test_the_aliased_version_is_noted_at_an_operators_request(
    version: str | None, model: RegisteredModel, named: str
) -> None:
    """Also when there is no alias: any later one is then a newer request."""
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
        (desired_nothing(), a_model("2"), "champion"),
    ],
)
def test_the_aliased_version_is_noted_once(
    desired: DesiredDeployment, model: RegisteredModel | None, alias: str | None
) -> None:
    """Not again, not without a deciding alias, and not for the registry's own requests."""
    assert [] == changes(state_of(desired=desired), model, alias=alias)


# Undeploy.


def test_an_operators_undeployment_undeploys_the_live_deployment() -> None:
    """The desired item already says so."""
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
def test_a_live_version_that_may_not_serve_is_undeployed(
    model: RegisteredModel | None, alias: str | None, why: str
) -> None:
    """The desired deployment changes first, because the desired one cannot be undeployed."""
    expected = ["SetDesired nothing is requested any more", f"Undeploy version 1: {why}"]

    assert expected == changes(state_of(LIVE), model, STANDING, alias=alias)


def test_a_version_registered_again_replaces_the_deleted_one() -> None:
    """The live version was deleted, and its number is another model's now."""
    again = a_model(listed("1", registered_at=hours(9)))

    assert [
        "Deploy version 1: it had not been heard of",
        "Undeploy version 1: Deleted in MLflow.",
    ] == changes(state_of(LIVE), again, STANDING)


def test_the_live_version_serves_until_the_aliased_one_does() -> None:
    """Moving an alias leaves no gap."""
    model = a_model("1", "2", champion="2")

    assert [] == changes(state_of(LIVE, COMING), model, STANDING, alias="champion")


# Resume.


PAUSED = endpoint_of(LIVE, state=EndpointState.PAUSED)
RESUMED = "Resume version 1: its endpoint was paused"


def paused_view(*others: Deployment) -> ObservedModel:
    return an_observed_model(state_of(LIVE, *others), a_model("1"), PAUSED, running=["working"])


def test_a_paused_endpoint_of_a_requested_version_is_resumed() -> None:
    """To undeploy the version, its owner would opt it out."""
    assert [RESUMED] == descriptions(planned(paused_view()))


def test_a_paused_deployment_becomes_desired_and_is_resumed() -> None:
    """The version that should replace it was deleted."""
    assert ["SetDesired version 1 is requested", RESUMED] == descriptions(
        planned(paused_view(COMING))
    )


def test_a_paused_endpoint_is_resumed_during_a_redeployment() -> None:
    """It serves until the operator's new deployment does."""
    again = requested("1", requested_at=hours(5), execution_arn="working")

    assert [RESUMED] == descriptions(planned(paused_view(again)))


def test_a_paused_endpoint_that_is_not_requested_stays_paused() -> None:
    """It will be deleted."""
    expected = [
        "SetDesired nothing is requested any more",
        "Undeploy version 1: Opted out in MLflow.",
    ]

    assert expected == changes(state_of(LIVE), a_model(opted_out("1")), PAUSED)


def test_an_operators_request_for_what_serves_holds_without_its_record() -> None:
    """The route died after setting the desired deployment."""
    asked = requested_by_operator("1")
    state = state_of(LIVE, requested("2", status=Status.STOPPED, removed=True), desired=asked)

    (change,) = planned(an_observed_model(state, a_model("1", "2"), STANDING))

    assert SetDesired(desired=replace(asked, deployment_id=LIVE.id), expected=asked) == change


# An operator's choice that has failed twice for a cause that may pass waits for its next attempt.

TRIED = requested(
    "1",
    status=Status.FAILED,
    retryable=True,
    removed=True,
    attempt=2,
    origin=RequestedBy.OPERATOR,
    requested_at=hours(5),
    updated_at=LATE,
)
ASKED = requested_by_operator("1", user_id="user-1")


def test_what_serves_does_not_replace_a_choice_that_waits() -> None:
    """The request stands, and what serves is the desired deployment until the next attempt."""
    live = serving("2")
    state = state_of(TRIED, live, desired=replace(ASKED, deployment_id=TRIED.id))

    (change,) = planned(an_observed_model(state, a_model("1", "2"), endpoint_of(live)))

    stands_in = replace(ASKED, deployment_id=live.id)
    assert SetDesired(desired=stands_in, expected=state.desired) == change
    waiting = state_of(TRIED, live, desired=stands_in)
    later = LATE + timedelta(minutes=15)
    assert [] == planned(an_observed_model(waiting, a_model("1", "2"), endpoint_of(live)))
    (again,) = planned(an_observed_model(waiting, a_model("1", "2"), endpoint_of(live), now=later))
    assert isinstance(again, Deploy)
    request = again.request
    assert ("1", 3, hours(5)) == (request.model_version, request.attempt, request.requested_at)
    assert (RequestedBy.OPERATOR, ASKED.requested_at) == (request.origin, hours(5))


def test_another_version_stands_in_for_a_choice_that_waits() -> None:
    """Nothing serves: the newest is deployed meanwhile, and the operator's request goes on."""
    state = state_of(TRIED, desired=replace(ASKED, deployment_id=TRIED.id))

    (change,) = planned(an_observed_model(state, a_model("1", "2")))

    assert isinstance(change, Deploy)
    assert ("2", state.desired) == (change.request.model_version, change.asked)


def test_a_choice_that_has_failed_for_good_ends() -> None:
    """The registry requests what serves again."""
    live = serving("2")
    final = replace(TRIED, retryable=False)
    state = state_of(final, live, desired=replace(ASKED, deployment_id=final.id))

    (change,) = planned(an_observed_model(state, a_model("1", "2"), endpoint_of(live)))

    assert SetDesired(desired=as_desired(live), expected=state.desired) == change

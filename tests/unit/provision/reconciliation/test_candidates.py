"""Candidates: the versions that may serve, by the registry and by operators."""

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Status
from functions.common.deployments.store import ModelState
from functions.provision.reconciliation.candidates import candidates
from functions.provision.registry.base import ListedVersion, RegisteredModel
from tests.unit.provision.reconciliation.observed_models import (
    a_model,
    as_desired,
    desired_nothing,
    hours,
    listed,
    opted_out,
    requested,
    requested_by_operator,
    state_of,
)

NOBODY_SAID = state_of()
LIVE = requested("1", status=Status.DEPLOYED)


def versions(
    state: ModelState, model: RegisteredModel | None, *, alias: str | None = None
) -> list[str]:
    """Return the candidates' numbers."""
    return [each.version for each in candidates(state, model, DeployPolicy(alias))]


def state_with(desired: DesiredDeployment) -> ModelState:
    return state_of(desired=desired)


# Every version is deployed.


def test_a_deleted_model_has_no_candidates() -> None:
    """Whatever was requested."""
    assert [] == versions(state_of(LIVE), None)
    assert [] == versions(state_with(requested_by_operator("1")), None)
    assert [] == versions(state_of(LIVE), None, alias="champion")


def test_the_newest_version_is_preferred() -> None:
    """By its time of registration."""
    model = a_model("1", "3", "2")

    assert ["3", "2", "1"] == versions(NOBODY_SAID, model)


def test_of_simultaneous_versions_the_higher_number_is_preferred() -> None:
    """Compared as a number, not as text."""
    model = a_model(*(listed(number, registered_at=hours(0)) for number in ("9", "10")))

    assert ["10", "9"] == versions(NOBODY_SAID, model)


@pytest.mark.parametrize("tag", ["false", "False", "FALSE", " false ", "no", "0", "off", "Off\n"])
def test_an_opted_out_version_is_no_candidate(tag: str) -> None:
    """In every spelling of the tag's value."""
    assert ["1"] == versions(NOBODY_SAID, a_model("1", opted_out("2", tag)))


@pytest.mark.parametrize("tag", ["true", "yes", "1", "", "nope", "falsch"])
def test_any_other_tag_does_not_opt_out(tag: str) -> None:
    """A misspelt tag must not undeploy a model."""
    assert ["2", "1"] == versions(NOBODY_SAID, a_model("1", opted_out("2", tag)))


def test_an_incomplete_version_is_a_candidate() -> None:
    """It replaces no other one until it is complete; see the plan."""
    assert ["2", "1"] == versions(NOBODY_SAID, a_model("1", listed("2", ready=False)))


def test_a_request_of_the_registry_binds_nothing() -> None:
    """It repeats what the registry said at that time."""
    assert ["2", "1"] == versions(state_with(as_desired(requested("1"))), a_model("1", "2"))
    assert ["2", "1"] == versions(state_with(desired_nothing()), a_model("1", "2"))


# An operator's word, where every version is deployed.


def test_an_operators_choice_comes_first_then_the_live_version() -> None:
    """If the choice fails, the live version keeps serving."""
    state = state_of(requested("2", status=Status.DEPLOYED), desired=requested_by_operator("1"))

    assert ["1", "2", "3"] == versions(state, a_model("1", "2", "3"))


def test_an_operators_undeployment_leaves_no_candidates() -> None:
    """Not even the live version."""
    assert [] == versions(state_of(LIVE, desired=requested_by_operator(None)), a_model("1", "2"))


@pytest.mark.parametrize("version", ["1", None])
@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (listed("6", registered_at=hours(6)), ["6", "1"]),
        (listed("6", registered_at=hours(5.001)), ["6", "1"]),
    ],
)
def test_a_newer_registration_overrides_an_operator(
    version: str | None, newer: ListedVersion, expected: list[str]
) -> None:
    """The newest request wins."""
    assert expected == versions(state_with(requested_by_operator(version)), a_model("1", newer))


@pytest.mark.parametrize(
    "other",
    [
        listed("6", registered_at=hours(5)),
        listed("6", registered_at=hours(4)),
        opted_out("7"),
        listed("7", ready=False),
    ],
)
def test_nothing_else_overrides_an_operator(other: ListedVersion) -> None:
    """Not an older version, one that is opted out, or one that is incomplete."""
    found = versions(state_with(requested_by_operator("1")), a_model("1", other))

    assert "1" == found[0]
    assert [] == versions(state_with(requested_by_operator(None)), a_model("1", other))


@pytest.mark.parametrize("model", [a_model("2"), a_model("2", opted_out("1"))])
def test_an_operators_choice_that_is_gone_binds_nothing(model: RegisteredModel) -> None:
    """It was deleted or opted out since."""
    assert ["2"] == versions(state_with(requested_by_operator("1")), model)


def test_a_version_registered_again_is_not_the_operators_choice() -> None:
    """The chosen one was deleted; its number is a newer registration's now."""
    model = a_model(listed("1", registered_at=hours(7)), listed("2", registered_at=hours(8)))

    assert ["2", "1"] == versions(state_with(requested_by_operator("1")), model)


def test_the_live_version_is_not_the_one_with_its_number() -> None:
    """If the number was registered again."""
    again = listed("1", registered_at=hours(4))
    state = state_of(LIVE, desired=requested_by_operator("2"))

    assert ["2", "3", "1"] == versions(
        state, a_model(again, "2", listed("3", registered_at=hours(5)))
    )


# Only what an alias names is deployed.


def test_the_aliased_version_comes_first_then_the_live_one() -> None:
    """The live one serves until the new one does; no other version may."""
    assert ["2", "1"] == versions(
        state_of(LIVE), a_model("1", "2", "3", champion="2"), alias="champion"
    )


def test_an_alias_on_the_live_version_lists_it_once() -> None:
    """The ordinary case."""
    assert ["1"] == versions(state_of(LIVE), a_model("1", "2", champion="1"), alias="champion")


@pytest.mark.parametrize(
    "model",
    [
        a_model("1", "2"),
        a_model("1", "2", challenger="1"),
        a_model("1", opted_out("2"), champion="2"),
        a_model("1", champion="9"),
    ],
)
def test_without_an_aliased_version_there_are_no_candidates(model: RegisteredModel) -> None:
    """Deleting the alias is how its owner undeploys a model."""
    assert [] == versions(state_of(LIVE), model, alias="champion")


def test_a_version_registered_again_does_not_keep_the_old_one() -> None:
    """The live version is no longer in the registry."""
    model = a_model(listed("1", registered_at=hours(4)), "2", champion="2")

    assert ["2"] == versions(state_of(LIVE), model, alias="champion")


# An operator's word, where an alias decides.


def test_an_operators_choice_comes_before_the_alias() -> None:
    """The live version is kept until the choice serves; no other version may."""
    desired = requested_by_operator("2", registry_version="3")
    state = state_of(LIVE, desired=desired)

    assert ["2", "1"] == versions(state, a_model("1", "2", "3", champion="3"), alias="champion")


def test_a_registration_overrides_nobody_if_an_alias_decides() -> None:
    """Registering does not request the version then."""
    state = state_with(requested_by_operator("1", registry_version="2"))
    newer = listed("6", registered_at=hours(6))

    assert ["1"] == versions(state, a_model("1", "2", newer, champion="2"), alias="champion")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (a_model("1", "2", "3", champion="3"), ["3"]),
        (a_model("1", "2", "3", champion="1"), ["1"]),
        (a_model("1", "2", "3"), []),
        (a_model("2", "3", champion="2"), ["2"]),
        (a_model(opted_out("1"), "2", champion="2"), ["2"]),
    ],
)
def test_a_moved_alias_overrides_an_operator(model: RegisteredModel, expected: list[str]) -> None:
    """So does deleting the alias, or the chosen version."""
    state = state_with(requested_by_operator("1", registry_version="2"))

    assert expected == versions(state, model, alias="champion")


@pytest.mark.parametrize("known", ["2", None])
def test_an_undeployment_holds_until_the_alias_moves(known: str | None) -> None:
    """With None the alias has not been read since, so it cannot have moved."""
    state = state_with(requested_by_operator(None, registry_version=known))

    assert [] == versions(state, a_model("1", "2", champion="2"), alias="champion")


@pytest.mark.parametrize(
    ("model", "expected"), [(a_model("1", "2"), ["1"]), (a_model("1", "2", champion="2"), ["2"])]
)
def test_a_later_alias_overrides_an_operator(model: RegisteredModel, expected: list[str]) -> None:
    """There was no alias at the operator's request."""
    state = state_with(requested_by_operator("1", registry_version=""))

    assert expected == versions(state, model, alias="champion")


def test_a_moved_alias_overrides_an_undeployment() -> None:
    """Its owner requests the model to serve again."""
    state = state_with(requested_by_operator(None, registry_version="2"))

    assert ["1"] == versions(state, a_model("1", "2", champion="1"), alias="champion")

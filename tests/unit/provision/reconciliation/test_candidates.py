"""The requested version follows from the registry as it stands, and from operators."""

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
    """The candidates' numbers."""
    return [each.version for each in candidates(state, model, DeployPolicy(alias))]


def state_with(desired: DesiredDeployment) -> ModelState:
    return state_of(desired=desired)


# Every version is deployed.


def test_a_model_that_is_gone_may_not_serve() -> None:
    """Whatever was said of it."""
    assert [] == versions(state_of(LIVE), None)
    assert [] == versions(state_with(requested_by_operator("1")), None)
    assert [] == versions(state_of(LIVE), None, alias="champion")


def test_the_newest_version_is_preferred() -> None:
    """By the time of its registration."""
    model = a_model("1", "3", "2")

    assert ["3", "2", "1"] == versions(NOBODY_SAID, model)


def test_of_two_registered_at_once_the_higher_number_is_preferred() -> None:
    """As a number, not as a text."""
    model = a_model(*(listed(number, registered_at=hours(0)) for number in ("9", "10")))

    assert ["10", "9"] == versions(NOBODY_SAID, model)


@pytest.mark.parametrize("tag", ["false", "False", "FALSE", " false ", "no", "0", "off", "Off\n"])
def test_what_is_opted_out_may_not_serve(tag: str) -> None:
    """However it is spelt."""
    assert ["1"] == versions(NOBODY_SAID, a_model("1", opted_out("2", tag)))


@pytest.mark.parametrize("tag", ["true", "yes", "1", "", "nope", "falsch"])
def test_any_other_tag_opts_nothing_out(tag: str) -> None:
    """A misspelling must not take a model down."""
    assert ["2", "1"] == versions(NOBODY_SAID, a_model("1", opted_out("2", tag)))


def test_a_version_that_is_not_complete_is_wished_already() -> None:
    """It takes the place of no other until it is; see the plan."""
    assert ["2", "1"] == versions(NOBODY_SAID, a_model("1", listed("2", ready=False)))


def test_a_wish_of_the_registrys_holds_nothing() -> None:
    """It was what stood there when it was made."""
    assert ["2", "1"] == versions(state_with(as_desired(requested("1"))), a_model("1", "2"))
    assert ["2", "1"] == versions(state_with(desired_nothing()), a_model("1", "2"))


# An operator's word, where every version is deployed.


def test_an_operators_choice_comes_first_then_what_serves_then_the_others() -> None:
    """So that a choice that fails leaves the place to what serves."""
    state = state_of(requested("2", status=Status.DEPLOYED), desired=requested_by_operator("1"))

    assert ["1", "2", "3"] == versions(state, a_model("1", "2", "3"))


def test_an_operators_undeploying_leaves_nothing() -> None:
    """Not even what serves."""
    assert [] == versions(state_of(LIVE, desired=requested_by_operator(None)), a_model("1", "2"))


@pytest.mark.parametrize("version", ["1", None])
@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (listed("6", registered_at=hours(6)), ["6", "1"]),
        (listed("6", registered_at=hours(5.001)), ["6", "1"]),
    ],
)
def test_a_newer_registration_ends_an_operators_hold(
    version: str | None, newer: ListedVersion, expected: list[str]
) -> None:
    """The newest request wins, whoever made it."""
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
def test_nothing_else_ends_an_operators_hold(other: ListedVersion) -> None:
    """What was there already, is not to be deployed, or is not complete."""
    found = versions(state_with(requested_by_operator("1")), a_model("1", other))

    assert "1" == found[0]
    assert [] == versions(state_with(requested_by_operator(None)), a_model("1", other))


@pytest.mark.parametrize("model", [a_model("2"), a_model("2", opted_out("1"))])
def test_an_operators_choice_that_is_gone_holds_nothing(model: RegisteredModel) -> None:
    """Deleted, or opted out of since."""
    assert ["2"] == versions(state_with(requested_by_operator("1")), model)


def test_a_number_that_was_registered_again_is_not_what_the_operator_chose() -> None:
    """It was deleted since, and what has its number now is a newer registration."""
    model = a_model(listed("1", registered_at=hours(7)), listed("2", registered_at=hours(8)))

    assert ["2", "1"] == versions(state_with(requested_by_operator("1")), model)


def test_what_serves_counts_as_itself_only() -> None:
    """Not as the version that has its number now."""
    again = listed("1", registered_at=hours(4))
    state = state_of(LIVE, desired=requested_by_operator("2"))

    assert ["2", "3", "1"] == versions(
        state, a_model(again, "2", listed("3", registered_at=hours(5)))
    )


# Only what an alias names is deployed.


def test_what_the_alias_names_comes_first_then_what_serves() -> None:
    """Until the new one serves, the old one does; no other version ever."""
    assert ["2", "1"] == versions(
        state_of(LIVE), a_model("1", "2", "3", champion="2"), alias="champion"
    )


def test_an_alias_on_what_serves_names_it_once() -> None:
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
def test_without_a_version_that_the_alias_names_nothing_may_serve(model: RegisteredModel) -> None:
    """Taking the alias away is how a model is taken down."""
    assert [] == versions(state_of(LIVE), model, alias="champion")


def test_a_number_that_was_registered_again_does_not_keep_the_old_one_serving() -> None:
    """What serves is not a version of the registry's any more."""
    model = a_model(listed("1", registered_at=hours(4)), "2", champion="2")

    assert ["2"] == versions(state_of(LIVE), model, alias="champion")


# An operator's word, where an alias decides.


def test_an_operators_choice_stands_before_the_alias() -> None:
    """And what serves is kept until it is up; the others are nobody's choice."""
    desired = requested_by_operator("2", registry_version="3")
    state = state_of(LIVE, desired=desired)

    assert ["2", "1"] == versions(state, a_model("1", "2", "3", champion="3"), alias="champion")


def test_a_registration_ends_no_hold_where_an_alias_decides() -> None:
    """Nobody has requested it yet."""
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
def test_a_moved_alias_ends_an_operators_hold(model: RegisteredModel, expected: list[str]) -> None:
    """As does its removal, and the end of the version that was chosen."""
    state = state_with(requested_by_operator("1", registry_version="2"))

    assert expected == versions(state, model, alias="champion")


@pytest.mark.parametrize("known", ["2", None])
def test_an_operators_undeploying_holds_until_the_alias_moves(known: str | None) -> None:
    """None: nobody has looked at the alias since, so it cannot be said to have moved."""
    state = state_with(requested_by_operator(None, registry_version=known))

    assert [] == versions(state, a_model("1", "2", champion="2"), alias="champion")


@pytest.mark.parametrize(
    ("model", "expected"), [(a_model("1", "2"), ["1"]), (a_model("1", "2", champion="2"), ["2"])]
)
def test_an_alias_that_comes_later_ends_an_operators_hold(
    model: RegisteredModel, expected: list[str]
) -> None:
    """There was none when the operator spoke."""
    state = state_with(requested_by_operator("1", registry_version=""))

    assert expected == versions(state, model, alias="champion")


def test_a_moved_alias_ends_an_undeploying() -> None:
    """Somebody requests the model to serve again."""
    state = state_with(requested_by_operator(None, registry_version="2"))

    assert ["1"] == versions(state, a_model("1", "2", champion="1"), alias="champion")

"""Endpoints and repositories: the fake endpoint control and Hugging Face's behave the same."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.providers.base import (
    EndpointExistsError,
    EndpointState,
)
from tests.contract.endpoint_control.systems import (
    CREATED_AT,
    REPOSITORY,
    SPEC,
    TAG,
    System,
)


def test_a_created_endpoint_is_described(system: System) -> None:
    """It has what was asked for, and no address yet."""
    created = system.control.create(SPEC)
    assert created == system.control.describe(SPEC.name)
    assert (SPEC.name, EndpointState.STARTING, None) == (created.name, created.state, created.url)
    assert (REPOSITORY, "a" * 40) == (created.repository, created.revision)
    assert SPEC.tags == created.tags
    assert (CREATED_AT, SPEC.hardware) == (created.created_at, created.hardware)


def test_an_endpoint_as_asked_for_has_no_differences(system: System) -> None:
    """In the answer to the create, and later; whatever the secrets, which are not shown."""
    created, described = system.control.create(SPEC), system.control.describe(SPEC.name)

    assert described
    for endpoint in (created, described):
        assert [] == system.control.differences(endpoint, SPEC)
        assert [] == system.control.differences(endpoint, replace(SPEC, secrets={"S": "other"}))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"access": "private"}, ["`authenticated`", "`private`"]),
        ({"repository": "acme/other"}, [f"`{REPOSITORY}`", "`acme/other`"]),
        ({"revision": "b" * 40}, [f"`{'a' * 40}`", f"`{'b' * 40}`"]),
        ({"env": {"HOKUS_DEPLOYMENT_ID": "2"}}, ["HOKUS_DEPLOYMENT_ID", "`1`", "`2`"]),
        ({"env": {**SPEC.env, "NEW": "9"}}, ["NEW", "nothing", "`9`"]),
    ],
)
def test_a_difference_is_named_with_both_values(
    system: System, changes: dict[str, Any], shown: list[str]
) -> None:
    """One phrase for each thing that is otherwise."""
    endpoint = system.control.create(SPEC)

    (difference,) = system.control.differences(endpoint, replace(SPEC, **changes))

    assert [] == [each for each in shown if each not in difference]


def test_another_runtime_is_a_difference(system: System) -> None:
    """However the provider words it."""
    endpoint = system.control.create(replace(SPEC, runtime="toolkit", python="3.11"))

    assert system.control.differences(endpoint, SPEC)


def test_an_unknown_endpoint_is_none(system: System) -> None:
    """Describing an endpoint that does not exist is no error."""
    assert system.control.describe("hokus-none") is None


def test_a_name_is_taken_once(system: System) -> None:
    """A second create with the same name raises, whatever else it asks for."""
    system.control.create(SPEC)

    with pytest.raises(EndpointExistsError):
        system.control.create(SPEC)


@pytest.mark.parametrize(
    "state",
    [EndpointState.RUNNING, EndpointState.ASLEEP, EndpointState.PAUSED, EndpointState.FAILED],
)
def test_a_state_comes_with_address_and_message(system: System, state: EndpointState) -> None:
    """The provider's own message is passed on."""
    system.control.create(SPEC)
    system.become(state, "https://x.aws.endpoints.huggingface.cloud", "Exit code: 3")

    endpoint = system.control.describe(SPEC.name)

    assert endpoint
    assert (state, "Exit code: 3") == (endpoint.state, endpoint.message)
    assert "https://x.aws.endpoints.huggingface.cloud" == endpoint.url


def test_all_endpoints_with_the_tag_are_listed(system: System) -> None:
    """Across pages, and without those of other installations."""
    ours = [replace(SPEC, name=f"ours-{number:03}") for number in range(150)]
    theirs = replace(SPEC, name="theirs", tags=("hokus", f"{TAG}4"))
    for spec in (*ours[:70], theirs, *ours[70:]):
        system.control.create(spec)

    listed = system.control.tagged(TAG)

    assert [spec.name for spec in ours] == [endpoint.name for endpoint in listed]
    assert listed[0] == system.control.describe("ours-000")
    assert [] == system.control.tagged("hokus-installation-ffffffff")


def test_a_paused_endpoint_can_be_resumed(system: System) -> None:
    """It is no longer paused at once, and not yet running."""
    system.control.create(SPEC)
    system.become(EndpointState.PAUSED, "https://x.aws.endpoints.huggingface.cloud", "")

    system.control.resume(SPEC.name)

    endpoint = system.control.describe(SPEC.name)
    assert endpoint
    assert EndpointState.STARTING is endpoint.state


@pytest.mark.parametrize("state", [EndpointState.RUNNING, EndpointState.FAILED])
def test_resuming_an_endpoint_that_is_not_paused_changes_nothing(
    system: System, state: EndpointState
) -> None:
    """Neither does resuming one that does not exist."""
    system.control.create(SPEC)
    system.become(state, "https://x.aws.endpoints.huggingface.cloud", "")

    system.control.resume(SPEC.name)
    system.control.resume("hokus-none")

    endpoint = system.control.describe(SPEC.name)
    assert endpoint
    assert state is endpoint.state


@pytest.mark.parametrize(
    ("verb", "stopped"),
    [("pause", EndpointState.PAUSED), ("scale_to_zero", EndpointState.ASLEEP)],
)
def test_a_running_endpoint_can_be_stopped(
    system: System, verb: str, stopped: EndpointState
) -> None:
    """It costs nothing from then on."""
    system.control.create(SPEC)
    system.become(EndpointState.RUNNING, "https://x.aws.endpoints.huggingface.cloud", "")
    before = system.control.describe(SPEC.name)

    getattr(system.control, verb)(SPEC.name)

    after = system.control.describe(SPEC.name)
    assert before
    assert after
    assert (stopped, True, False) == (after.state, before.is_billed, after.is_billed)


@pytest.mark.parametrize("verb", ["pause", "scale_to_zero"])
@pytest.mark.parametrize("state", [EndpointState.PAUSED, EndpointState.FAILED])
def test_stopping_an_endpoint_that_does_not_run_changes_nothing(
    system: System, verb: str, state: EndpointState
) -> None:
    """Neither does stopping one that does not exist."""
    system.control.create(SPEC)
    system.become(state, "https://x.aws.endpoints.huggingface.cloud", "")

    getattr(system.control, verb)(SPEC.name)
    getattr(system.control, verb)("hokus-none")

    endpoint = system.control.describe(SPEC.name)
    assert endpoint
    assert state is endpoint.state


def test_a_deletion_takes_time(system: System) -> None:
    """The endpoint is still described for a while; deleting it again raises nothing."""
    system.control.create(SPEC)

    system.control.delete(SPEC.name)
    assert system.control.describe(SPEC.name)
    system.control.delete(SPEC.name)
    assert system.control.describe(SPEC.name) is None
    system.control.delete(SPEC.name)


def test_a_repository_can_be_deleted_repeatedly(system: System) -> None:
    """Deleting one that does not exist raises nothing."""
    system.control.delete_repository(REPOSITORY)
    system.control.delete_repository(REPOSITORY)

    assert set() == system.repositories()

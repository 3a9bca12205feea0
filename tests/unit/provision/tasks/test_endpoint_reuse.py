"""Endpoint reuse: only for the same registration of a version, and only once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import Endpoint, EndpointState
from functions.common.providers.hardware import Hardware
from functions.provision.names import tags
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from tests.builders import NOON, a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.unit.provision.endpoints import (
    HARDWARE,
    INSTALLATION,
    control_with,
    endpoint_of,
    name_of,
    with_endpoint,
)

X1 = replace(HARDWARE, instance_size="x1")
REGISTERED = NOON - timedelta(days=1)
EARLIER = with_endpoint(a_deployment(status=Status.STOPPED, registered_at=REGISTERED))
AGAIN = a_deployment(requested_at=NOON + timedelta(hours=2), registered_at=REGISTERED)


def adopt(
    store: FakeDeploymentStore,
    *endpoints: Endpoint,
    candidates: Sequence[Hardware] = (X1, HARDWARE),
) -> bool:
    """Return whether AGAIN gets an endpoint, for a task that has read everything."""
    adoption = EndpointReuse(store=store, control=control_with(*endpoints))
    again, state = store.deployments[AGAIN.id], store.state("iris")
    return adoption.reuse(again, REGISTERED, state, candidates) is not None


def test_the_same_versions_endpoint_is_reused() -> None:
    """With its package; both records say so."""
    store = FakeDeploymentStore(EARLIER, AGAIN)

    assert adopt(store, endpoint_of(EARLIER))

    taken, given = store.deployments[AGAIN.id], store.deployments[EARLIER.id]
    assert (EARLIER.id, AGAIN.id) == (taken.endpoint.adopted_from, given.endpoint.handed_to)
    assert (EARLIER.endpoint.name, EARLIER.endpoint.url, EARLIER.endpoint.secret) == (
        taken.endpoint.name,
        taken.endpoint.url,
        taken.endpoint.secret,
    )
    assert (EARLIER.package.repository, EARLIER.package.revision) == (
        taken.package.repository,
        taken.package.revision,
    )


def test_a_second_run_of_the_task_keeps_the_reused_endpoint() -> None:
    """Whatever its state is: the check comes next."""
    store = FakeDeploymentStore(EARLIER, AGAIN)

    assert adopt(store, endpoint_of(EARLIER))
    assert adopt(store)
    assert AGAIN.id == store.deployments[EARLIER.id].endpoint.handed_to


def test_a_reused_endpoint_can_be_reused_again() -> None:
    """Its tag names the deployment that it was created for."""
    first = changed(EARLIER, handed_to="second")
    second = with_endpoint(
        a_deployment(
            status=Status.STOPPED,
            requested_at=NOON + timedelta(hours=1),
            registered_at=REGISTERED,
            adopted_from=first.id,
        ),
        endpoint_name=name_of(first),
    )
    store = FakeDeploymentStore(first, second, AGAIN)

    assert adopt(store, endpoint_of(first))

    taken = store.deployments[AGAIN.id]
    assert (first.id, name_of(first)) == (taken.endpoint.adopted_from, taken.endpoint.name)
    assert AGAIN.id == store.deployments[second.id].endpoint.handed_to


@pytest.mark.parametrize(
    "changes",
    [
        {"model_version": "2"},
        {"registered_at": REGISTERED - timedelta(days=1)},
        {"registered_at": None},
        {"status": Status.FAILED},
        {"status": Status.DEPLOYING},
        {"status": Status.DEPLOYED},
        {"endpoint_url": None},
        {"handed_to": "another"},
        {"removing": True},
        {"removed": True},
    ],
)
def test_no_other_endpoint_is_reused(changes: dict[str, Any]) -> None:
    """Another version or registration, one that never served, or one in use."""
    earlier = changed(EARLIER, **changes)
    store = FakeDeploymentStore(earlier, AGAIN)

    assert not adopt(store, endpoint_of(earlier))
    assert (earlier, AGAIN) == (store.deployments[earlier.id], store.deployments[AGAIN.id])


STANDING = endpoint_of(EARLIER)


@pytest.mark.parametrize(
    "endpoints",
    [
        [],
        *(
            [replace(STANDING, state=state)]
            for state in EndpointState
            if state is not EndpointState.RUNNING
        ),
        [replace(STANDING, revision="b" * 40)],
        [replace(STANDING, tags=("hokus",))],
        [replace(STANDING, tags=tags("another", installation=INSTALLATION))],
    ],
)
def test_an_endpoint_that_is_not_running_is_not_reused(endpoints: list[Endpoint]) -> None:
    """A new one is created, which is slower and certain."""
    store = FakeDeploymentStore(EARLIER, AGAIN)

    assert not adopt(store, *endpoints)
    assert EARLIER == store.deployments[EARLIER.id]


SLEEPS = replace(HARDWARE, min_replicas=0, scale_to_zero_after_min=15)


@pytest.mark.parametrize(
    ("found", "recorded", "candidate", "reused"),
    [
        (HARDWARE, {}, HARDWARE, True),
        (replace(HARDWARE, scale_to_zero_after_min=60), {}, HARDWARE, True),
        (SLEEPS, {}, SLEEPS, True),
        (replace(SLEEPS, scale_to_zero_after_min=60), {}, SLEEPS, False),
        (HARDWARE, {}, SLEEPS, False),
        (HARDWARE, {}, X1, False),
        (replace(HARDWARE, max_replicas=2), {}, HARDWARE, False),
        (None, {}, HARDWARE, True),
        (None, {"instance_size": "x4"}, HARDWARE, False),
        (None, {"min_replicas": None}, HARDWARE, False),
    ],
)
def test_the_hardware_is_as_requested_now(
    found: Hardware | None, recorded: dict[str, Any], candidate: Hardware, reused: bool
) -> None:
    """By the provider, or by the record where it does not say. An idle time is reported always."""
    earlier = changed(EARLIER, **recorded)
    store = FakeDeploymentStore(earlier, AGAIN)

    assert reused is adopt(store, endpoint_of(earlier, hardware=found), candidates=[candidate])


def test_without_candidates_nothing_is_reused() -> None:
    """The version's tags have faults."""
    assert not adopt(FakeDeploymentStore(EARLIER, AGAIN), STANDING, candidates=[])


def test_of_several_endpoints_the_running_one_is_reused() -> None:
    """The newest is tried first; one that never served is skipped."""
    failed = with_endpoint(
        a_deployment(
            status=Status.FAILED,
            requested_at=NOON + timedelta(hours=1),
            registered_at=REGISTERED,
        )
    )
    older = with_endpoint(
        a_deployment(
            status=Status.STOPPED,
            requested_at=NOON - timedelta(hours=1),
            registered_at=REGISTERED,
        )
    )
    store = FakeDeploymentStore(EARLIER, older, failed, AGAIN)
    broken = replace(STANDING, state=EndpointState.FAILED)

    assert adopt(store, endpoint_of(older), broken, endpoint_of(failed))
    assert older.id == store.deployments[AGAIN.id].endpoint.adopted_from


class Overtaken(FakeDeploymentStore):
    """A store in which the removal begins between the look-up and the transfer."""

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        self.begin_removal(earlier)
        return super().transfer_endpoint(earlier, to)


def test_an_endpoint_whose_removal_has_begun_is_not_reused() -> None:
    """It would be deleted while it serves."""
    store = Overtaken(EARLIER, AGAIN)

    assert not adopt(store, STANDING)
    assert store.deployments[AGAIN.id].endpoint.adopted_from is None

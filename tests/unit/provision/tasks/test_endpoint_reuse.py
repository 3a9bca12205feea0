"""Taking over an endpoint that still stands: only the very same version's, and only once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import Endpoint, EndpointState
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

REGISTERED = NOON - timedelta(days=1)
EARLIER = with_endpoint(a_deployment(status=Status.STOPPED, registered_at=REGISTERED))
AGAIN = a_deployment(requested_at=NOON + timedelta(hours=2), registered_at=REGISTERED)


def adopt(store: FakeDeploymentStore, *endpoints: Endpoint) -> bool:
    """Whether AGAIN has an endpoint now, as a task sees it that read everything at once."""
    adoption = EndpointReuse(store=store, control=control_with(*endpoints), hardware=HARDWARE)
    return adoption.reuse(store.deployments[AGAIN.id], REGISTERED, store.state("iris")) is not None


def test_the_same_versions_endpoint_is_taken_over() -> None:
    """With everything that leads to it; both records say so."""
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


def test_a_second_run_of_the_task_finds_it_done() -> None:
    """Whatever has become of the endpoint: the check that comes next sees to that."""
    store = FakeDeploymentStore(EARLIER, AGAIN)

    assert adopt(store, endpoint_of(EARLIER))
    assert adopt(store)
    assert AGAIN.id == store.deployments[EARLIER.id].endpoint.handed_to


def test_an_endpoint_is_taken_over_from_one_that_had_taken_it_over() -> None:
    """Its tag is that of the deployment that it was made for."""
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
        {"instance_type": "intel-icl"},
        {"instance_size": "x4"},
    ],
)
def test_nothing_else_is_taken_over(changes: dict[str, Any]) -> None:
    """Another version, or one of the same number from before its deletion; other hardware; what
    never served, or is not free."""
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
def test_an_endpoint_that_does_not_stand_is_not_taken_over(endpoints: list[Endpoint]) -> None:
    """A new one is made instead; that is slower and certain."""
    store = FakeDeploymentStore(EARLIER, AGAIN)

    assert not adopt(store, *endpoints)
    assert EARLIER == store.deployments[EARLIER.id]


def test_of_several_the_one_that_stands_is_taken_over() -> None:
    """The newest first; one that never served is no reason to stop looking."""
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
    """The removal begins between the look and the taking over."""

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        self.begin_removal(earlier)
        return super().transfer_endpoint(earlier, to)


def test_a_removal_that_is_faster_wins() -> None:
    """An endpoint that is going must not come to serve."""
    store = Overtaken(EARLIER, AGAIN)

    assert not adopt(store, STANDING)
    assert store.deployments[AGAIN.id].endpoint.adopted_from is None

"""Removal of a deployment's endpoint and repository, and of nothing else."""

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import Endpoint, ProviderUnavailableError
from functions.provision.names import tags
from functions.provision.removal import Removal
from tests.builders import a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.unit.provision.endpoints import (
    INSTALLATION,
    control_with,
    endpoint_of,
    name_of,
    with_endpoint,
)

BARE = a_deployment(status=Status.STOPPED)
STOPPED = with_endpoint(BARE)
REPOSITORY = f"acme/{name_of(STOPPED)}"


def remove(
    store: FakeDeploymentStore, control: FakeEndpointControl, deployment: Deployment = STOPPED
) -> bool:
    removal = Removal(store=store, control=control, namespace="acme")
    return removal.remove(deployment)


def test_endpoint_and_repository_are_deleted() -> None:
    """The record says so."""
    store, control = FakeDeploymentStore(STOPPED), control_with(endpoint_of(STOPPED))

    assert remove(store, control)

    record = store.deployments[STOPPED.id]
    assert ({}, set()) == (control.endpoints, control.repositories)
    assert (True, True) == (record.endpoint.removing, record.endpoint.removed)


@pytest.mark.parametrize("deployment", [STOPPED, BARE])
def test_a_repository_without_an_endpoint_is_deleted(deployment: Deployment) -> None:
    """The step after packaging had failed, or packaging itself, before it named the endpoint."""
    store, control = FakeDeploymentStore(deployment), control_with()
    control.repositories |= {REPOSITORY, "acme/another"}

    assert remove(store, control, deployment)

    assert {"acme/another"} == control.repositories
    assert store.deployments[deployment.id].endpoint.removed


def test_an_endpoint_of_an_earlier_record_stays() -> None:
    """The request was recorded again after its record had expired; its endpoint may serve under
    the model's new name."""
    store, control = FakeDeploymentStore(BARE), control_with(endpoint_of(BARE))
    control.repositories.add(REPOSITORY)

    assert remove(store, control, BARE)

    assert ({name_of(BARE)}, {REPOSITORY}) == (set(control.endpoints), control.repositories)


def test_a_slow_deletion_is_not_done_yet() -> None:
    """Meanwhile the endpoint cannot be reused, and the record does not say that it is gone."""
    store = FakeDeploymentStore(STOPPED)
    control = control_with(endpoint_of(STOPPED), slow_deletes=2)

    assert not remove(store, control)
    record = store.deployments[STOPPED.id]
    assert (True, False) == (record.endpoint.removing, record.endpoint.removed)

    assert remove(store, control)
    assert store.deployments[STOPPED.id].endpoint.removed


def test_removing_twice_has_the_same_result() -> None:
    """By two runs of the reconciler, or by a retried task."""
    store, control = FakeDeploymentStore(STOPPED), control_with(endpoint_of(STOPPED))

    assert [True, True] == [remove(store, control) for _ in range(2)]
    assert {} == control.endpoints


def test_a_reused_endpoint_is_kept() -> None:
    """It serves another deployment, whatever its name and tags say."""
    given = changed(STOPPED, handed_to="the-taker")
    store, control = FakeDeploymentStore(given), control_with(endpoint_of(given))

    assert remove(store, control, given)

    assert ([name_of(given)], {REPOSITORY}) == (list(control.endpoints), control.repositories)
    assert given == store.deployments[given.id]


def test_a_removal_on_outdated_state_keeps_a_reused_endpoint() -> None:
    """The current record decides, atomically."""
    given = changed(STOPPED, handed_to="the-taker")
    store, control = FakeDeploymentStore(given), control_with(endpoint_of(given))

    assert remove(store, control, STOPPED)
    assert [name_of(given)] == list(control.endpoints)


def test_the_deployment_that_reused_an_endpoint_removes_it() -> None:
    """The endpoint still has the tag of its first deployment."""
    taker = a_deployment(
        model_version="1",
        attempt=2,
        status=Status.FAILED,
        endpoint_name=name_of(STOPPED),
        adopted_from=STOPPED.id,
    )
    store, control = FakeDeploymentStore(taker), control_with(endpoint_of(STOPPED))

    assert remove(store, control, taker)
    assert ({}, set()) == (control.endpoints, control.repositories)


@pytest.mark.parametrize(
    "found",
    [
        endpoint_of(STOPPED, tags=()),
        endpoint_of(STOPPED, tags=("hokus", "theirs")),
        endpoint_of(STOPPED, tags=tags("another", installation=INSTALLATION)),
    ],
)
def test_an_endpoint_without_the_deployments_tag_is_kept(found: Endpoint) -> None:
    """With the repository that it serves; nothing else is left to remove."""
    store, control = FakeDeploymentStore(STOPPED), control_with(found)

    assert remove(store, control)

    assert ([found.name], {REPOSITORY}) == (list(control.endpoints), control.repositories)
    assert store.deployments[STOPPED.id].endpoint.removed


def test_a_deployment_without_a_record_is_left_to_the_orphan_search() -> None:
    """Without a record, reuse of its endpoint cannot be prevented."""
    control = control_with(endpoint_of(STOPPED))

    assert remove(FakeDeploymentStore(), control)
    assert control.endpoints


class Forgetful(FakeDeploymentStore):
    """A store whose record is deleted right after the removal has begun."""

    def begin_removal(self, deployment: Deployment, *, again: bool = False) -> bool:
        begun = super().begin_removal(deployment, again=again)
        del self.deployments[deployment.id]
        return begun


def test_a_record_deleted_meanwhile_is_not_written_again() -> None:
    """Its endpoint and repository are deleted all the same."""
    store, control = Forgetful(STOPPED), control_with(endpoint_of(STOPPED))

    assert remove(store, control)
    assert ({}, {}) == (store.deployments, control.endpoints)


def test_an_orphaned_endpoint_is_deleted_with_its_repository() -> None:
    """By name; the caller has checked that it is ours."""
    control = control_with(endpoint_of(STOPPED), endpoint_of(a_deployment(model_version="2")))

    removal = Removal(store=FakeDeploymentStore(), control=control, namespace="acme")
    removal.remove_unknown(name_of(STOPPED))
    removal.remove_unknown("never-was")

    assert control.describe(name_of(STOPPED)) is None
    assert {f"acme/{name_of(a_deployment(model_version='2'))}"} == control.repositories


class LosesTheAnswer(FakeEndpointControl):
    """A provider that deletes the endpoint and then fails to answer."""

    def delete(self, name: str) -> None:
        super().delete(name)
        raise ProviderUnavailableError("no answer")


def test_an_interrupted_removal_of_an_orphan_leaves_no_repository() -> None:
    """Nothing else names the repository of an orphaned endpoint."""
    control = LosesTheAnswer(endpoint_of(STOPPED))
    control.repositories = {REPOSITORY}

    with pytest.raises(ProviderUnavailableError):
        Removal(store=FakeDeploymentStore(), control=control, namespace="acme").remove_unknown(
            name_of(STOPPED)
        )

    assert set() == control.repositories

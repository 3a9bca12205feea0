"""Activation, and what becomes of the deployment that was replaced."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import Endpoint, EndpointState
from functions.provision.activation import Activation
from functions.provision.names import endpoint_name, tags
from functions.provision.retirement import Retirement
from functions.provision.tasks import Outcome
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl

OLD = a_deployment(status=Status.DEPLOYED)
NEW = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))


def endpoint_of(deployment: Deployment) -> Endpoint:
    name = endpoint_name(deployment.model_id, deployment.id)
    return Endpoint(
        name=name,
        state=EndpointState.RUNNING,
        url="https://x",
        message="",
        repository=f"acme/{name}",
        revision="a" * 40,
        tags=tags(deployment.id),
        access="authenticated",
    )


def activated_store() -> FakeDeploymentStore:
    """Where NEW has replaced OLD."""
    store = FakeDeploymentStore(OLD, NEW)
    store.activate(NEW)
    return store


def retire(store: FakeDeploymentStore, control: FakeEndpointControl) -> Outcome:
    retirement = Retirement(store=store, control=control, namespace="acme")
    return retirement.retire(store.deployments[NEW.id])


def control_with(*endpoints: Endpoint, slow_deletes: int = 0) -> FakeEndpointControl:
    control = FakeEndpointControl(*endpoints, slow_deletes=slow_deletes)
    control.repositories |= {endpoint.repository for endpoint in endpoints}
    return control


def test_the_first_deployment_replaces_nothing() -> None:
    """The state machine chooses by a null."""
    outcome = Activation(store=FakeDeploymentStore(NEW)).activate(NEW)

    assert {"outcome": "activated", "replaced_id": None} == outcome.result()


@pytest.mark.parametrize("times", [1, 2])
def test_activation_names_what_it_replaced_however_often(times: int) -> None:
    """The second run finds itself live."""
    store = FakeDeploymentStore(OLD, NEW)
    activation = Activation(store=store)

    for _ in range(times):
        outcome = activation.activate(store.deployments[NEW.id])

    assert {"outcome": "activated", "replaced_id": OLD.id} == outcome.result()


def test_an_older_wish_does_not_go_live_after_a_newer_one() -> None:
    """Whatever finished first."""
    late = a_deployment(model_version="0", requested_at=NOON - timedelta(hours=1))

    assert "superseded" == Activation(store=FakeDeploymentStore(OLD, late)).activate(late).name


def test_the_replaced_endpoint_and_its_repository_are_deleted() -> None:
    """The new one's are not."""
    old, new = endpoint_of(OLD), endpoint_of(NEW)
    control = control_with(old, new)

    assert Outcome(name="retired") == retire(activated_store(), control)
    assert ([new.name], {new.repository}) == (list(control.endpoints), control.repositories)


def test_retirement_waits_until_the_endpoint_is_gone() -> None:
    """Files are deleted after the endpoint that serves them."""
    old = endpoint_of(OLD)
    control, store = control_with(old, slow_deletes=2), activated_store()

    assert Outcome(name="deleting") == retire(store, control)
    assert {old.repository} == control.repositories
    assert Outcome(name="retired") == retire(store, control)
    assert set() == control.repositories
    assert Outcome(name="retired") == retire(store, control)


def test_retirement_works_when_a_newer_version_has_replaced_this_one() -> None:
    """Its own business stays: what it replaced."""
    control, store = control_with(endpoint_of(OLD)), activated_store()
    newest = a_deployment(model_version="3", requested_at=NOON + timedelta(hours=2))
    store.add(newest)
    store.activate(newest)

    assert Outcome(name="retired") == retire(store, control)
    assert {} == control.endpoints


def test_an_endpoint_without_our_tag_stays() -> None:
    """And so does the repository that it serves."""
    foreign = replace(endpoint_of(OLD), tags=("hokus",))
    control = control_with(foreign)

    assert "retired" == retire(activated_store(), control).name
    assert ([foreign.name], {foreign.repository}) == (
        list(control.endpoints),
        control.repositories,
    )


def test_what_is_live_is_not_retired() -> None:
    """Even if this deployment once replaced it."""
    control = control_with(endpoint_of(OLD))
    stopped = NEW.model_copy(update={"status": Status.STOPPED, "replaced_id": OLD.id})

    assert "retired" == retire(FakeDeploymentStore(OLD, stopped), control).name
    assert [endpoint_of(OLD).name] == list(control.endpoints)


def test_a_first_deployment_has_nothing_to_retire() -> None:
    """And touches nothing."""
    control = control_with(endpoint_of(OLD))

    assert "retired" == retire(FakeDeploymentStore(NEW), control).name
    assert control.endpoints

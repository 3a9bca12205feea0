"""Activation of a deployment, and retirement of the one it replaced."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.provision.removal import Removal
from functions.provision.tasks.activation import Activation
from functions.provision.tasks.retirement import Retirement
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.unit.provision.endpoints import control_with, endpoint_of, with_endpoint

OLD = with_endpoint(a_deployment(status=Status.DEPLOYED))
NEW = with_endpoint(a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1)))
NOTHING = TaskOutcome(name="retired", note="nothing to retire")
RETIRE_ONLY = {"retire_only": True}


def activated_store() -> FakeDeploymentStore:
    """Return a store in which NEW has replaced OLD."""
    store = FakeDeploymentStore(OLD, NEW)
    store.activate(NEW)
    return store


def retire(
    store: FakeDeploymentStore,
    control: FakeEndpointControl,
    *,
    id_: str = NEW.id,
    state: dict[str, Any] | None = None,
) -> TaskOutcome:
    removal = Removal(store=store, control=control, namespace="acme")
    return Retirement(store=store, removal=removal).retire(store.deployments[id_], state or {})


def test_the_first_deployment_replaces_nothing() -> None:
    """The state machine branches on the null."""
    outcome = Activation(store=FakeDeploymentStore(NEW)).activate(NEW)

    assert {"outcome": "activated", "replaced_id": None} == outcome.result()


@pytest.mark.parametrize("times", [1, 2])
def test_a_repeated_activation_names_the_replaced_deployment(times: int) -> None:
    """The second run finds the deployment live."""
    store = FakeDeploymentStore(OLD, NEW)
    activation = Activation(store=store)

    for _ in range(times):
        outcome = activation.activate(store.deployments[NEW.id])

    assert {"outcome": "activated", "replaced_id": OLD.id} == outcome.result()


def test_an_older_request_does_not_go_live_after_a_newer_one() -> None:
    """Whichever deployment finishes first."""
    late = a_deployment(model_version="0", requested_at=NOON - timedelta(hours=1))

    outcome = Activation(store=FakeDeploymentStore(OLD, late)).activate(late)

    assert (
        TaskOutcome(name="superseded", reason="Another deployment has been requested meanwhile.")
        == outcome
    )


def test_a_newer_request_can_activate_an_older_version() -> None:
    """The desired deployment decides, not the number."""
    store = FakeDeploymentStore(OLD, NEW)
    set_desired(store, OLD)

    assert "superseded" == Activation(store=store).activate(NEW).name
    assert OLD.id == store.live_ids["iris"]


def test_the_replaced_endpoint_and_its_repository_are_deleted() -> None:
    """Those of the new deployment stay."""
    old, new = endpoint_of(OLD), endpoint_of(NEW)
    control, store = control_with(old, new), activated_store()

    assert TaskOutcome(name="retired") == retire(store, control)
    assert ([new.name], {new.repository}) == (list(control.endpoints), control.repositories)
    assert (True, False) == (
        store.deployments[OLD.id].endpoint.removed,
        store.deployments[NEW.id].endpoint.removed,
    )


def test_retirement_repeats_until_the_endpoint_is_gone() -> None:
    """Then it changes nothing."""
    control, store = control_with(endpoint_of(OLD), slow_deletes=2), activated_store()

    assert TaskOutcome(name="deleting") == retire(store, control)
    assert TaskOutcome(name="retired") == retire(store, control)
    assert ({}, set()) == (control.endpoints, control.repositories)
    assert TaskOutcome(name="retired") == retire(store, control)


def test_retirement_works_after_this_deployment_was_replaced() -> None:
    """It still retires the one that it replaced."""
    control, store = control_with(endpoint_of(OLD)), activated_store()
    newest = a_deployment(model_version="3", requested_at=NOON + timedelta(hours=2))
    store.add(newest)
    set_desired(store, newest)
    store.activate(newest)

    assert TaskOutcome(name="retired") == retire(store, control)
    assert {} == control.endpoints


def test_an_endpoint_without_our_tag_is_kept() -> None:
    """So is the repository that it serves."""
    foreign = replace(endpoint_of(OLD), tags=("hokus",))
    control = control_with(foreign)

    assert "retired" == retire(activated_store(), control).name
    assert ([foreign.name], {foreign.repository}) == (
        list(control.endpoints),
        control.repositories,
    )


def test_an_endpoint_reused_by_a_rollback_is_kept() -> None:
    """Version 1 was requested again before version 2's execution retired it."""
    control, store = control_with(endpoint_of(OLD)), activated_store()
    back = a_deployment(requested_at=NOON + timedelta(hours=2))
    store.add(back)
    assert store.transfer_endpoint(store.deployments[OLD.id], back)

    assert TaskOutcome(name="retired") == retire(store, control)
    assert [endpoint_of(OLD).name] == list(control.endpoints)


def test_a_live_deployment_is_not_retired() -> None:
    """Even if this deployment replaced it before."""
    control = control_with(endpoint_of(OLD))
    stopped = changed(NEW, status=Status.STOPPED, replaced_id=OLD.id)

    assert NOTHING == retire(FakeDeploymentStore(OLD, stopped), control)
    assert [endpoint_of(OLD).name] == list(control.endpoints)


def test_a_first_deployment_has_nothing_to_retire() -> None:
    """Nothing is touched."""
    control = control_with(endpoint_of(OLD))

    assert NOTHING == retire(FakeDeploymentStore(NEW), control)
    assert control.endpoints


def test_the_replaced_record_may_be_missing() -> None:
    """Somebody deleted it."""
    store = activated_store()
    del store.deployments[OLD.id]

    assert NOTHING == retire(store, control_with())


def test_retire_only_removes_the_deployment_itself() -> None:
    """It was undeployed: nothing replaced it, and the one that it replaced is not touched."""
    store = activated_store()
    nothing = replace(store.desired_deployments["iris"], deployment_id=None)
    store.set_desired(nothing, expected=store.desired_deployments["iris"])
    store.undeploy(NEW, reason="Deleted in MLflow.")
    control = control_with(endpoint_of(OLD), endpoint_of(NEW))

    assert TaskOutcome(name="retired") == retire(store, control, state=RETIRE_ONLY)
    assert [endpoint_of(OLD).name] == list(control.endpoints)


def test_retire_only_keeps_a_live_deployment() -> None:
    """For example after an input by hand."""
    control = control_with(endpoint_of(NEW))

    assert NOTHING == retire(activated_store(), control, state=RETIRE_ONLY)
    assert control.endpoints

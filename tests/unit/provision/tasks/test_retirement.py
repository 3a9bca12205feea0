"""Retirement deletes what does not serve any more, and nothing else."""

from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.provision.removal import Removal
from functions.provision.tasks.retirement import Retirement
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import NOON, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.unit.provision.endpoints import control_with, endpoint_of, with_endpoint
from tests.unit.provision.reconciliation.observed_models import hours, requested


class Replaced:
    """A model whose version 2 has replaced version 1; both endpoints stand."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore(now=lambda: NOON)
        self.earlier, self.live = self._go_live("1"), self._go_live("2")
        self.control = control_with(endpoint_of(self.earlier), endpoint_of(self.live))

    def _go_live(self, version: str) -> Deployment:
        deployment = with_endpoint(requested(version, requested_at=hours(int(version))))
        store: DeploymentStore = self.store
        store.add(deployment)
        set_desired(store, deployment)
        return store.activate(deployment)

    def retire(self, **state: Any) -> TaskOutcome:
        removal = Removal(store=self.store, control=self.control, namespace="acme")
        retirement = Retirement(store=self.store, removal=removal)
        return retirement.retire(self.store.deployments[self.live.id], state)

    def take_back(self) -> None:
        earlier = self.store.deployments[self.earlier.id]
        self.store.take_back(self.live, earlier, reason="It fails.", earlier_reason="It serves.")

    @property
    def standing(self) -> set[str]:
        return {*self.control.endpoints}


@pytest.fixture
def model() -> Replaced:
    return Replaced()


def test_what_was_replaced_is_deleted(model: Replaced) -> None:
    """The version that replaced it goes on."""
    assert "retired" == model.retire().name

    assert {model.live.endpoint.name} == model.standing


def test_what_was_taken_back_is_deleted(model: Replaced) -> None:
    """The version that serves again goes on."""
    model.take_back()

    assert "retired" == model.retire().name

    assert {model.earlier.endpoint.name} == model.standing
    assert Status.DEPLOYED is model.store.deployments[model.earlier.id].status


def test_what_was_undeployed_is_deleted_by_itself(model: Replaced) -> None:
    """The version before it is left to its own execution."""
    model.store.desired_deployments.pop("iris")
    model.store.undeploy(model.live, reason="Undeployed.")

    assert "retired" == model.retire(retire_only=True).name

    assert {model.earlier.endpoint.name} == model.standing

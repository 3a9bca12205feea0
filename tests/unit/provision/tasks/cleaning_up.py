"""The clean-up task on fakes."""

import json
from typing import Any

from functions.common.deployments.record import Deployment
from functions.common.providers.base import (
    Endpoint,
    EndpointState,
    ProviderUnavailableError,
)
from functions.provision.removal import Removal
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.unit.provision.endpoints import endpoint_of, name_of

NAME = name_of(a_deployment())
DEPLOYMENT = changed(a_deployment(), endpoint_name=NAME)
REPOSITORY = f"acme/{NAME}"
ENDPOINT = endpoint_of(DEPLOYMENT, state=EndpointState.FAILED, url=None)
FAILED = {"result": {"outcome": "failed", "reason": "No signature."}}


def clean_up(
    state: dict[str, Any],
    *,
    deployment: Deployment = DEPLOYMENT,
    control: FakeEndpointControl | None = None,
    store: FakeDeploymentStore | None = None,
) -> tuple[TaskOutcome, Deployment]:
    """Run the task; return the outcome and the record."""
    store = store or FakeDeploymentStore(deployment)
    control = control or FakeEndpointControl()
    removal = Removal(store=store, control=control, namespace="acme")
    cleaning = CleanUp(store=store, removal=removal)
    outcome = cleaning.clean_up(store.deployments[deployment.id], state)
    return outcome, store.deployments[deployment.id]


def a_control(*endpoints: Endpoint, slow_deletes: int = 0) -> FakeEndpointControl:
    control = FakeEndpointControl(*endpoints, slow_deletes=slow_deletes)
    control.repositories.add(REPOSITORY)
    return control


def caught(message: str, error: str = "TaskError") -> dict[str, Any]:
    """Return the error that Step Functions catches from a Python function."""
    return {"failure": {"Error": error, "Cause": json.dumps({"errorMessage": message})}}


WENT_AWAY = (
    "The model's endpoint was healthy, and went away whenever it was asked for a prediction: it "
    "probably crashes or runs out of memory. See the endpoint's log."
)


class Unreachable(FakeEndpointControl):
    """A provider that is down for one call."""

    calls = 0

    def describe(self, name: str) -> Endpoint | None:
        self.calls += 1
        if self.calls == 1:
            raise ProviderUnavailableError("no answer")
        return super().describe(name)


class Interrupted(FakeDeploymentStore):
    """A table that is down for one call."""

    calls = 0

    def begin_removal(self, deployment: Deployment, *, again: bool = False) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("throttled")
        return super().begin_removal(deployment, again=again)

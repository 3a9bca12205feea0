"""The records that tasks change, as `run_task` keeps them."""

from functions.common.deployments.record import Deployment
from functions.provision.tasks.runner import TaskOutcome
from tests.fakes.deployment_store import FakeDeploymentStore


def keep(store: FakeDeploymentStore, deployment: Deployment, outcome: TaskOutcome) -> Deployment:
    """Write what a task on *deployment* has changed; return the record afterwards."""
    if outcome.changed:
        store.update(deployment, outcome.changed)
    return store.deployments[deployment.id]

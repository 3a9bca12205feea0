"""Records that tasks change, written as `run_task` writes them."""

from functions.common.deployments.record import Deployment
from functions.provision.tasks.runner import TaskOutcome
from tests.fakes.deployment_store import FakeDeploymentStore


def keep(store: FakeDeploymentStore, deployment: Deployment, outcome: TaskOutcome) -> Deployment:
    """Write the changes of a task on *deployment*; return the record."""
    if outcome.changed:
        store.update(deployment, outcome.changed)
    return store.deployments[deployment.id]

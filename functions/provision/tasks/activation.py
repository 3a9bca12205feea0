"""The task `activate`: from now on, predictions go to this deployment."""

from dataclasses import dataclass

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore, SupersededError
from functions.provision.tasks.runner import TaskOutcome, superseded


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Makes a verified deployment the live one."""

    store: DeploymentStore

    def activate(self, deployment: Deployment) -> TaskOutcome:
        """`activated` with `replaced_id` (None for a first one), or `superseded`.

        Run again, it returns the same.
        """
        try:
            live = self.store.activate(deployment)
        except SupersededError:
            return superseded("Another deployment has been requested meanwhile.")
        return TaskOutcome(name="activated", details={"replaced_id": live.replaced_id})

"""The task `retire`: delete what a deployment that does not serve any more still costs."""

from dataclasses import dataclass

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.provision.removal import Removal
from functions.provision.tasks.runner import State, TaskOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Deletes the endpoint and the repository of the deployment that this one replaced, or, when
    this one was taken back, or the workflow's state says `retire_only`, of this one.

    Meant for a time when no cached lookup and no running prediction can use them any more.
    """

    store: DeploymentStore
    removal: Removal

    def retire(self, deployment: Deployment, state: State) -> TaskOutcome:
        """`retired`, or `deleting` while the provider is at it."""
        own = deployment.was_taken_back or state.get("retire_only")
        retiring = deployment if own else self._replaced(deployment)
        if retiring is None or retiring.status not in {Status.STOPPED, Status.FAILED}:
            return TaskOutcome(name="retired", note="nothing to retire")
        gone = self.removal.remove(retiring)
        return TaskOutcome(name="retired" if gone else "deleting")

    def _replaced(self, deployment: Deployment) -> Deployment | None:
        if deployment.replaced_id is None:
            return None
        return self.store.get(deployment.model_id, deployment.replaced_id)

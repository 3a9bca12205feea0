"""The task `retire`: the deployment that was replaced gives back what it cost."""

from dataclasses import dataclass

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.base import EndpointControl
from functions.provision.removal import remove
from functions.provision.tasks import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Deletes the endpoint and the repository of the deployment that this one replaced.

    Meant for a time when no cached lookup and no running prediction can use them any more.
    """

    store: DeploymentStore
    control: EndpointControl
    namespace: str

    def retire(self, deployment: Deployment) -> Outcome:
        """`retired`, or `deleting` while the provider is at it."""
        replaced = self._replaced(deployment)
        if replaced is None or self._is_live(replaced):
            return Outcome(name="retired", note="nothing to retire")
        gone = remove(replaced, control=self.control, namespace=self.namespace)
        return Outcome(name="retired" if gone else "deleting")

    def _replaced(self, deployment: Deployment) -> Deployment | None:
        if deployment.replaced_id is None:
            return None
        return self.store.get(deployment.model_id, deployment.replaced_id)

    def _is_live(self, deployment: Deployment) -> bool:
        live = self.store.live(deployment.model_id)
        return live is not None and live.id == deployment.id

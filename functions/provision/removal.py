"""Deleting what a deployment has at the provider, and nothing else."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentChangedError, DeploymentStore
from functions.common.providers.base import Endpoint, EndpointControl, EndpointState
from functions.provision.names import deployment_tag, endpoint_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Deletes a deployment's endpoint and its repository.

    Attributes:
        keep_log: Gets a deployment that has failed, or whose endpoint has, before its deletion.
    """

    store: DeploymentStore
    control: EndpointControl
    namespace: str
    keep_log: Callable[[Deployment, Endpoint], None] = lambda _deployment, _endpoint: None

    def remove(self, deployment: Deployment) -> bool:
        """False while the endpoint is going: ask again.

        The name of an endpoint goes on record before it is created. Without one there is at most a
        repository, which the step that made it could not note. An endpoint of its name was made by
        an earlier record of the same request, which has expired, and may serve under another model
        by now: it stays, with its repository. So does an endpoint that another deployment has taken
        over, and one without the deployment's tag, which is not ours.
        """
        begun = deployment.endpoint.removing
        if not self.store.begin_removal(deployment):
            return True
        recorded = deployment.endpoint.name
        name = recorded or endpoint_name(deployment.model_id, deployment.id)
        endpoint = self.control.describe(name)
        if endpoint is None:
            self.control.delete_repository(f"{self.namespace}/{name}")
            return self._removed(deployment)
        if not recorded or deployment_tag(deployment.endpoint_deployment_id) not in endpoint.tags:
            return self._removed(deployment)
        if deployment.endpoint.removing_at:
            self.store.begin_removal(deployment, again=True)
        has_failed = Status.FAILED is deployment.status or EndpointState.FAILED is endpoint.state
        if has_failed and not begun:
            self.keep_log(deployment, endpoint)
        self.remove_unknown(name)
        return self.control.describe(name) is None and self._removed(deployment)

    def remove_unknown(self, name: str) -> None:
        """Delete the endpoint *name*, which bears our tag, and the repository of its name.

        The endpoint last: what is interrupted in between is found by it, and done again.
        """
        self.control.delete_repository(f"{self.namespace}/{name}")
        self.control.delete(name)

    def _removed(self, deployment: Deployment) -> bool:
        gone = replace(deployment.endpoint, removed=True)
        # A record that is gone, or has moved on, needs no note.
        with suppress(DeploymentChangedError):
            self.store.update(deployment, replace(deployment, endpoint=gone))
        return True

"""Taking over the endpoint of an earlier deployment of the same version, if it still stands.

That is what makes rolling back a matter of seconds: the endpoint that was replaced a moment ago
serves the very files that are requested again.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.providers.base import Endpoint, EndpointControl, EndpointState
from functions.common.providers.hardware import Hardware
from functions.provision.endpoint_hardware import recorded_hardware
from functions.provision.names import deployment_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReuse:
    """Finds an endpoint that may be taken over, and takes it: atomically, against its removal."""

    store: DeploymentStore
    control: EndpointControl

    def reuse(
        self,
        deployment: Deployment,
        registered_at: datetime,
        state: ModelState,
        candidates: Collection[Hardware],
    ) -> Deployment | None:
        """Take over the endpoint of an earlier deployment of the version that was registered then.

        Return *deployment* with it; None when there is none on one of *candidates*.
        """
        if deployment.endpoint.adopted_from:
            return deployment
        sought = replace(deployment, registered_at=registered_at)
        for earlier in state.deployments:
            if _is_the_same(earlier, sought) and self._stands(earlier, candidates):
                return self.store.transfer_endpoint(earlier, deployment)
        return None

    def _stands(self, earlier: Deployment, candidates: Collection[Hardware]) -> bool:
        endpoint = self.control.describe(earlier.endpoint.name or "")
        return (
            endpoint is not None
            and endpoint.state is EndpointState.RUNNING
            and endpoint.revision == earlier.package.revision
            and deployment_tag(earlier.endpoint_deployment_id) in endpoint.tags
            and any(_is_on(each, endpoint, earlier) for each in candidates)
        )


def _is_the_same(earlier: Deployment, deployment: Deployment) -> bool:
    left = earlier.status is Status.STOPPED and not (
        earlier.endpoint.handed_to or earlier.endpoint.removing or earlier.endpoint.removed
    )
    return (
        left
        and earlier.endpoint.url is not None
        and earlier.model_version == deployment.model_version
        and earlier.registered_at == deployment.registered_at
    )


def _is_on(hardware: Hardware, endpoint: Endpoint, deployment: Deployment) -> bool:
    """Return whether *endpoint* runs on *hardware*, by the provider's word or by the record's."""
    found = endpoint.hardware or recorded_hardware(deployment.endpoint, hardware)
    if found is None:
        return False
    if hardware.min_replicas:
        # An idle time is reported also where there is none.
        found = replace(found, scale_to_zero_after_min=None)
    return found == hardware

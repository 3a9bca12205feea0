"""Taking over the endpoint of an earlier deployment of the same version, if it still stands.

That is what makes rolling back a matter of seconds: the endpoint that was replaced a moment ago
serves the very files that are requested again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.providers.base import Endpoint, EndpointControl, EndpointState, Hardware
from functions.provision.names import deployment_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReuse:
    """Finds an endpoint that may be taken over, and takes it: atomically, against its removal."""

    store: DeploymentStore
    control: EndpointControl
    hardware: Hardware

    def reuse(
        self, deployment: Deployment, registered_at: datetime, state: ModelState
    ) -> Deployment | None:
        """Take over the endpoint of an earlier deployment of the version that was registered then.

        Return *deployment* with it; None when there is none.
        """
        if deployment.endpoint.adopted_from:
            return deployment
        sought = replace(deployment, registered_at=registered_at)
        for earlier in state.deployments:
            if self._is_the_same(earlier, sought) and self._stands(earlier):
                return self.store.transfer_endpoint(earlier, deployment)
        return None

    def _is_the_same(self, earlier: Deployment, deployment: Deployment) -> bool:
        left = earlier.status is Status.STOPPED and not (
            earlier.endpoint.handed_to or earlier.endpoint.removing or earlier.endpoint.removed
        )
        return (
            left
            and earlier.endpoint.url is not None
            and earlier.model_version == deployment.model_version
            and earlier.registered_at == deployment.registered_at
            and earlier.endpoint.instance_type == self.hardware.instance_type
            and earlier.endpoint.instance_size == self.hardware.instance_size
        )

    def _is_on_our_hardware(self, endpoint: Endpoint) -> bool:
        """Compare hardware, but ignore `scale_to_zero_after_min`: the provider reports a default
        when we did not set it."""
        if endpoint.hardware is None:
            return True
        sleeps = self.hardware.scale_to_zero_after_min
        return replace(endpoint.hardware, scale_to_zero_after_min=sleeps) == self.hardware

    def _stands(self, earlier: Deployment) -> bool:
        endpoint = self.control.describe(earlier.endpoint.name or "")
        return (
            endpoint is not None
            and endpoint.state is EndpointState.RUNNING
            and endpoint.revision == earlier.package.revision
            and deployment_tag(earlier.endpoint_deployment_id) in endpoint.tags
            and self._is_on_our_hardware(endpoint)
        )

"""The task `create`: an endpoint for this deployment, made once however often it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.base import (
    Endpoint,
    EndpointControl,
    EndpointExistsError,
    EndpointSpec,
    Hardware,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from functions.provision.names import deployment_tag, endpoint_name, tags
from functions.provision.tasks import Outcome, failed

ACCESS = "authenticated"
"""Of what the internet can reach, what asks for a token; anything else that comes back is an
endpoint open to others, or to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCreation:
    """Creates the deployment's endpoint, or adopts the one that an earlier try has left."""

    store: DeploymentStore
    control: EndpointControl
    hardware: Hardware
    new_secret: Callable[[], str]

    def create(self, deployment: Deployment) -> Outcome:
        """`created`, or `failed`; a type that was not asked for leaves nothing behind."""
        prepared = self._prepared(deployment)
        try:
            endpoint = self._create_or_adopt(self._spec(prepared))
        except ProviderRefusedError as refused:
            return failed(str(refused))
        if problem := _mismatch(endpoint, prepared):
            return failed(problem)
        if endpoint.access != ACCESS:
            self.control.delete(endpoint.name)
            return failed(f"The endpoint came up as `{endpoint.access}`, not as `{ACCESS}`.")
        return Outcome(name="created")

    def _prepared(self, deployment: Deployment) -> Deployment:
        """With name and secret on record before the provider hears of them.

        A secret that only the endpoint knew would make an endpoint that was created, but whose
        answer was lost, useless.
        """
        return self.store.update(
            deployment,
            endpoint_name=endpoint_name(deployment.model_id, deployment.id),
            endpoint_secret=deployment.endpoint_secret or self.new_secret(),
            instance_type=self.hardware.instance_type,
            instance_size=self.hardware.instance_size,
        )

    def _create_or_adopt(self, spec: EndpointSpec) -> Endpoint:
        if existing := self.control.describe(spec.name):
            return existing
        try:
            return self.control.create(spec)
        except EndpointExistsError as error:
            if existing := self.control.describe(spec.name):
                return existing
            # A deletion under way holds the name for some seconds more.
            raise ProviderUnavailableError("The endpoint's name is still taken.") from error

    def _spec(self, deployment: Deployment) -> EndpointSpec:
        return EndpointSpec(
            name=deployment.endpoint_name or "",
            repository=deployment.repository or "",
            revision=deployment.revision or "",
            hardware=self.hardware,
            access=ACCESS,
            tags=tags(deployment.id),
            # The toolkit's successor runs a repository's own code only when it is told to.
            env={"HOKUS_DEPLOYMENT_ID": deployment.id, "HF_TRUST_REMOTE_CODE": "1"},
            secrets={"HOKUS_ENDPOINT_SECRET": deployment.endpoint_secret or ""},
        )


def _mismatch(endpoint: Endpoint, deployment: Deployment) -> str | None:
    """Why *endpoint* is not this deployment's; None when it is."""
    if deployment_tag(deployment.id) not in endpoint.tags:
        return f"An endpoint named {endpoint.name} exists already and is not this deployment's."
    if (endpoint.repository, endpoint.revision) != (deployment.repository, deployment.revision):
        return f"The endpoint {endpoint.name} serves another revision than the one asked for."
    return None

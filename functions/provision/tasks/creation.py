"""The task `create`: an endpoint for this deployment, made once however often the task runs."""

from dataclasses import dataclass, replace

from functions.common.deployments.record import Deployment
from functions.common.providers.base import (
    Endpoint,
    EndpointControl,
    EndpointExistsError,
    EndpointSpec,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from functions.common.providers.hardware import Hardware
from functions.provision.compatibility.budget import Budget, hourly_cost
from functions.provision.endpoint_hardware import recorded_hardware
from functions.provision.names import deployment_tag, tags
from functions.provision.tasks.polling import wait_s
from functions.provision.tasks.runner import TaskOutcome, failed

ACCESS = "authenticated"
"""Reachable from the internet, token required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCreation:
    """Creates the deployment's endpoint, or adopts the one that an earlier try has left.

    Attributes:
        place: Vendor and region; the rest of the hardware is on record.
    """

    control: EndpointControl
    place: Hardware
    installation: str
    budget: Budget

    def create(self, deployment: Deployment) -> TaskOutcome:
        """`created`, or `failed`; what is not as it was asked for, or more than the budget allows,
        is deleted again. Providers have been seen to answer 200 and leave out what they do not
        take.

        The budget is asked after the endpoint is there: of two deployments that would both just
        fit, at least one sees the other.

        Raises: ValueError (name, secret or hardware are not on record, where the provider's answer
        could be lost: the tasks `validate` and `package` put them there).
        """
        spec = self._spec(deployment)
        try:
            endpoint = self._create_or_adopt(spec)
        except ProviderRefusedError as refused:
            return failed(str(refused), retryable=refused.may_pass)
        if deployment_tag(deployment.id) not in endpoint.tags:
            return failed(
                f"An endpoint named {endpoint.name} exists already and is not this deployment's."
            )
        if differences := self.control.differences(endpoint, spec):
            self.control.delete(endpoint.name)
            return failed(f"The endpoint is not as asked for. {'; '.join(differences)}.")
        used = self.budget.used(ours=endpoint.name)
        if over := self.budget.reason_against(spec.hardware, used):
            self.control.delete(endpoint.name)
            return failed(over, retryable=True)
        return TaskOutcome(
            name="created",
            changed=self._created(deployment, spec.hardware),
            details={"wait_s": wait_s(0, deployment.endpoint.usual_start_s)},
        )

    def _created(self, deployment: Deployment, hardware: Hardware) -> Deployment:
        cost = hourly_cost(hardware, self.budget.prices.offers())
        return replace(deployment, endpoint=replace(deployment.endpoint, hourly_cost_usd=cost))

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
        """Raises: ValueError."""
        endpoint, package = deployment.endpoint, deployment.package
        if not (endpoint.name and package.repository and package.revision and package.runtime):
            raise ValueError("The deployment has no package.")
        hardware = recorded_hardware(endpoint, self.place)
        if hardware is None:
            raise ValueError("The deployment has no hardware.")
        return EndpointSpec(
            name=endpoint.name,
            repository=package.repository,
            revision=package.revision,
            hardware=hardware,
            access=ACCESS,
            tags=tags(deployment.id, installation=self.installation),
            runtime=package.runtime,
            python=package.python,
            task=package.task,
            **_container_variables(deployment),
        )


def _container_variables(deployment: Deployment) -> dict[str, dict[str, str]]:
    """Environment of the container; none for a Hub source, whose code is not ours.

    Raises: ValueError.
    """
    if deployment.package.is_hub_source:
        return {}
    if not deployment.endpoint.secret:
        raise ValueError("The deployment has no secret.")
    return {
        "env": {"HOKUS_DEPLOYMENT_ID": deployment.id},
        "secrets": {"HOKUS_ENDPOINT_SECRET": deployment.endpoint.secret},
    }

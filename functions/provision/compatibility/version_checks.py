"""All checks of a version before it is deployed: what it is, and what there is room for."""

from dataclasses import dataclass

from functions.common.deployments.record import Deployment
from functions.common.providers.prices import PriceList
from functions.common.providers.provider import Provider
from functions.provision.compatibility.budget import Budget
from functions.provision.compatibility.checks import find_incompatibilities
from functions.provision.compatibility.platform import Incompatibility, Platform
from functions.provision.names import endpoint_name
from functions.provision.registry.base import RegisteredVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChecks:
    """Checks versions against the provider's platform and the budget."""

    provider: Provider
    prices: PriceList
    budget: Budget

    def find_incompatibilities(
        self, deployment: Deployment, version: RegisteredVersion
    ) -> list[Incompatibility]:
        """Return every reason against *version*, which *deployment* is of; none: it may go on.

        Raises: ProviderUnavailableError, ProviderRefusedError.
        """
        hardware = self.provider.hardware()
        platform = Platform(
            hardware=hardware,
            offers=self.prices.offers(),
            container_pythons=self.provider.runtime().pythons,
            requirement_faults=self.provider.requirement_faults,
        )
        reasons = find_incompatibilities(version, platform)
        name = deployment.endpoint.name or endpoint_name(deployment.model_id, deployment.id)
        if over := self.budget.reason_against(hardware, ours=name):
            reasons.append(Incompatibility(over, retryable=True))
        return reasons

"""All checks of a version before it is deployed: what it is, and what there is room for."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from functions.common.deployments.record import Deployment
from functions.common.packages.carried_lock import carried
from functions.common.packages.model_packages import Lock, UnusableRequirementsError
from functions.common.providers.hardware import Hardware
from functions.common.providers.prices import PriceList
from functions.common.providers.provider import Provider
from functions.provision.compatibility.budget import Budget, hourly_cost
from functions.provision.compatibility.checks import find_incompatibilities
from functions.provision.compatibility.hardware_choice import choose_hardware
from functions.provision.compatibility.hardware_tags import RequestedHardware, requested_hardware
from functions.provision.compatibility.memory import estimated_bytes
from functions.provision.compatibility.platform import Incompatibility, Platform
from functions.provision.names import endpoint_name
from functions.provision.registry.base import RegisteredVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedVersion:
    """Findings of the checks of a version.

    Attributes:
        hardware: What its endpoint will run on.
        reasons: All that speaks against serving it; none: it may go on.
        lock: Of its packages, as `carried_lock` has it; None: there is none, or it is too long.
    """

    hardware: Hardware
    reasons: list[Incompatibility]
    lock: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChecks:
    """Checks versions against the provider's platform and the budget.

    Attributes:
        budget: None: whether there is room for another endpoint is not checked.
        max_model_hourly_usd: Dollars an hour that a model's tags may ask for.
    """

    provider: Provider
    prices: PriceList
    budget: Budget | None
    max_model_hourly_usd: float

    def requested_hardware(self, version: RegisteredVersion) -> RequestedHardware:
        """Return the hardware that the version's endpoint may have, by settings and tags."""
        settings = self.provider.hardware()
        sizes = [
            offer.instance_size
            for offer in self.prices.offers()
            if offer.is_of(replace(settings[0], instance_size=offer.instance_size))
        ]
        return requested_hardware(settings, version.all_tags, sizes=sizes)

    def check(
        self, deployment: Deployment, version: RegisteredVersion, requested: RequestedHardware
    ) -> CheckedVersion:
        """Check *version*, which *deployment* is of, and choose among the *requested* hardware.

        Raises: ProviderUnavailableError, ProviderRefusedError, PackageIndexUnavailableError.
        """
        offers = self.prices.offers()
        with ThreadPoolExecutor(max_workers=1) as beside:
            locking = beside.submit(self._lock, deployment, version)
            used = self._used(deployment)
            lock, faults = locking.result()
        model_bytes = None if version.hub_source else version.model_size_bytes
        needed = estimated_bytes(model_bytes, lock.download_bytes if lock else None)
        hardware = choose_hardware(requested.candidates, offers, needed)
        platform = Platform(
            hardware=hardware,
            offers=offers,
            container_pythons=self.provider.runtime().pythons,
            package_faults=faults,
        )
        reasons = find_incompatibilities(version, platform)
        reasons += map(Incompatibility, requested.faults)
        cost = hourly_cost(hardware, offers) or 0
        if requested.by_tags and cost > self.max_model_hourly_usd:
            reasons.append(self._too_dear(cost))
        if self.budget and (over := self.budget.reason_against(hardware, used)):
            reasons.append(Incompatibility(over, retryable=True))
        text = self._carried(lock, deployment, version) if lock else None
        return CheckedVersion(hardware=hardware, reasons=reasons, lock=text)

    def _lock(
        self, deployment: Deployment, version: RegisteredVersion
    ) -> tuple[Lock | None, tuple[str, ...]]:
        """Return the lock, or why there is none.

        There is neither for a Hub source, and for a model that does not say what to install.
        """
        runtime, python = deployment.package.runtime, deployment.package.python
        if version.hub_source or version.packages is None or not (runtime and python):
            return None, ()
        try:
            return self.provider.lock(version.packages, runtime=runtime, python=python), ()
        except UnusableRequirementsError as refused:
            return None, refused.reasons

    def _carried(
        self, lock: Lock, deployment: Deployment, version: RegisteredVersion
    ) -> str | None:
        runtime, python = deployment.package.runtime, deployment.package.python
        if version.packages is None or not (runtime and python):
            return None
        return carried(lock, version.packages, runtime=runtime, python=python)

    def _too_dear(self, cost_usd: float) -> Incompatibility:
        return Incompatibility(
            f"The model's tags ask for up to {cost_usd:.3f} USD an hour, of at most "
            f"{self.max_model_hourly_usd:.3f}. Ask for a smaller instance or fewer replicas, "
            "or have MAX_MODEL_HOURLY_COST_USD raised, and deploy the version again."
        )

    def _used(self, deployment: Deployment) -> Sequence[Hardware | None]:
        name = deployment.endpoint.name or endpoint_name(deployment.model_id, deployment.id)
        return self.budget.used(ours=name) if self.budget else ()

"""The platform that versions have to run on, and a reason against a version."""

from dataclasses import dataclass

from functions.common.providers.hardware import Hardware
from functions.common.providers.prices import HardwareOffer
from functions.provision.compatibility.hardware_choice import offer_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Hardware and containers that a version has to run on.

    Attributes:
        hardware: Of the version's endpoint.
        offers: Of the provider.
        container_pythons: Minor versions of Python that an endpoint may have.
        package_faults: Reasons against the version's packages, which were resolved for the
            Python that its endpoint would have.
    """

    hardware: Hardware
    offers: tuple[HardwareOffer, ...]
    container_pythons: tuple[str, ...]
    package_faults: tuple[str, ...] = ()

    @property
    def offer(self) -> HardwareOffer | None:
        """Offer for `hardware`; None when the provider does not have it."""
        return offer_for(self.hardware, self.offers)


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """One reason against a version.

    Attributes:
        text: What is wrong, and what to do about it.
        retryable: It is no fault of the version's and may pass, by itself or by a setting.
    """

    text: str
    retryable: bool = False

"""The platform that versions have to run on, and a reason against a version."""

from dataclasses import dataclass
from typing import Protocol

from functions.common.providers.hardware import Hardware
from functions.common.providers.prices import HardwareOffer
from functions.provision.compatibility.hardware_choice import offer_for


class RequirementFaults(Protocol):
    """See `Provider.requirement_faults`."""

    def __call__(self, text: str, *, python: str) -> list[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Hardware and containers that a version has to run on.

    Attributes:
        hardware: Of the version's endpoint.
        offers: Of the provider.
        container_pythons: Minor versions of Python that an endpoint may have.
        requirement_faults: The provider's rules for a requirements.txt.
    """

    hardware: Hardware
    offers: tuple[HardwareOffer, ...]
    container_pythons: tuple[str, ...]
    requirement_faults: RequirementFaults

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

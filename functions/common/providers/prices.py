"""Port to a provider's machines and prices."""

from dataclasses import dataclass
from typing import Protocol

from functions.common.providers.hardware import Hardware


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareOffer:
    """One kind of CPU machine that the provider rents out.

    Attributes:
        memory_gb: Of one replica.
        price_usd_per_hour: Of one replica while it starts or runs.
        available: Whether an endpoint can be created on it today.
        deprecated: Not offered to new endpoints any more.
    """

    vendor: str
    region: str
    instance_type: str
    instance_size: str
    memory_gb: float
    price_usd_per_hour: float
    available: bool = True
    deprecated: bool = False

    @property
    def obtainable(self) -> bool:
        """Return whether a new endpoint can be created on it today."""
        return self.available and not self.deprecated

    def is_of(self, hardware: Hardware) -> bool:
        """Return whether it is the machine that *hardware* asks for."""
        return (self.vendor, self.region, self.instance_type, self.instance_size) == (
            hardware.vendor,
            hardware.region,
            hardware.instance_type,
            hardware.instance_size,
        )


class PriceList(Protocol):
    """Machines of a provider, with their prices."""

    def offers(self) -> tuple[HardwareOffer, ...]:
        """Every kind of CPU machine; from a documented table when the provider does not answer."""
        ...

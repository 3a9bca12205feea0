"""The budget: ceilings on endpoints and on dollars an hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.common.providers.base import EndpointControl
from functions.common.providers.hardware import Hardware
from functions.common.providers.prices import HardwareOffer, PriceList


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Refuses further endpoints; leaves existing ones alone.

    Every endpoint with *tag* counts, whatever it is doing: one that sleeps or is paused can run
    at any time, and one being deleted still does. So a new version of a live model needs room for
    both, until the old one is deleted.

    Attributes:
        tag: Marks this installation's endpoints.
        max_endpoints, max_hourly_usd: None: no ceiling. The dollars are for all replicas that an
            endpoint may have under load, at the provider's list price.
    """

    control: EndpointControl
    tag: str
    prices: PriceList
    max_endpoints: int | None
    max_hourly_usd: float | None

    def used(self, *, ours: str) -> Sequence[Hardware | None]:
        """Return the hardware of all endpoints but the one named *ours*; None where it is unknown.

        Raises: ProviderUnavailableError, ProviderRefusedError.
        """
        if self.max_endpoints is None and self.max_hourly_usd is None:
            return ()
        return [each.hardware for each in self.control.tagged(self.tag) if each.name != ours]

    def reason_against(self, hardware: Hardware, used: Sequence[Hardware | None]) -> str | None:
        """Explain why there may be no endpoint on *hardware* beside *used*; None when there may."""
        reasons = (self._too_many(len(used)), self._too_dear(used, hardware))
        return " ".join(filter(None, reasons)) or None

    def _too_many(self, others: int) -> str | None:
        if self.max_endpoints is None or others < self.max_endpoints:
            return None
        return (
            f"There are {others} endpoints already, of at most {self.max_endpoints}. "
            "Undeploy a model, or raise MAX_ENDPOINTS."
        )

    def _too_dear(self, others: Sequence[Hardware | None], wanted: Hardware) -> str | None:
        if self.max_hourly_usd is None:
            return None
        offers = self.prices.offers()
        spent = round(sum(_assumed_cost(each, offers) for each in others), 6)
        more = round(_assumed_cost(wanted, offers), 6)
        # Rounded, since ten times 0.067 is otherwise a little more than 0.67.
        if round(spent + more, 6) <= self.max_hourly_usd:
            return None
        return (
            f"The endpoints cost up to {spent:.3f} USD an hour already, this one would add "
            f"{more:.3f}, and at most {self.max_hourly_usd:.3f} are allowed. Undeploy a model, "
            "choose a smaller instance or fewer replicas, or raise MAX_HOURLY_COST_USD."
        )


def hourly_cost(hardware: Hardware, offers: Sequence[HardwareOffer]) -> float | None:
    """Return US dollars an hour with all its replicas running; None when it is not offered."""
    for offer in offers:
        if offer.is_of(hardware):
            return round(offer.price_usd_per_hour * hardware.max_replicas, 6)
    return None


def _assumed_cost(hardware: Hardware | None, offers: Sequence[HardwareOffer]) -> float:
    """Return the price; without one, that of the dearest machine of the list."""
    known = hourly_cost(hardware, offers) if hardware else None
    if known is not None:
        return known
    dearest = max((offer.price_usd_per_hour for offer in offers), default=0.0)
    return dearest * (hardware.max_replicas if hardware else 1)

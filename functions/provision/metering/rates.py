"""What an endpoint costs by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from functions.common.deployments.record import Deployment
from functions.common.observability import make_logger
from functions.common.providers.base import Endpoint
from functions.common.providers.prices import HardwareOffer, PriceList

logger = make_logger("reconcile")


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Rates in US dollars an hour: those on record, or else of the provider's list, which is asked
    only for what is not on record. An unknown price is 0, and logged."""

    prices: PriceList
    _unknown: set[str] = field(default_factory=set)

    def now(self, endpoint: Endpoint, deployment: Deployment | None) -> float:
        """Return what *endpoint* costs as it is."""
        return self.while_running(endpoint, deployment) if endpoint.is_billed else 0.0

    def while_running(self, endpoint: Endpoint, deployment: Deployment | None) -> float:
        """Return what *endpoint* costs while it starts or runs."""
        on = endpoint.hardware
        recorded = deployment.endpoint.hourly_cost_usd if deployment else None
        if on and recorded is not None:
            return recorded / on.max_replicas * endpoint.started_replicas
        for offer in self._offers:
            if on and offer.is_of(on):
                return offer.price_usd_per_hour * endpoint.started_replicas
        return self._not_known(endpoint.name)

    def of_record(self, deployment: Deployment) -> float:
        """Return what the endpoint of *deployment*, which nobody can ask any more, did cost."""
        on = deployment.endpoint
        replicas = max(1, on.min_replicas or 0)
        if on.hourly_cost_usd is not None:
            return on.hourly_cost_usd / (on.max_replicas or 1) * replicas
        for offer in self._offers:
            if (offer.instance_type, offer.instance_size) == (on.instance_type, on.instance_size):
                return offer.price_usd_per_hour * replicas
        return self._not_known(on.name or "")

    @cached_property
    def _offers(self) -> Sequence[HardwareOffer]:
        return self.prices.offers()

    def _not_known(self, name: str) -> float:
        if name not in self._unknown:
            self._unknown.add(name)
            logger.warning("ledger.price_unknown", endpoint=name)
        return 0.0

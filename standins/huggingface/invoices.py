"""What endpoints cost: price by replica and minute, of the stand-in's own counting."""

from typing import TypedDict

from standins.huggingface import catalogue
from standins.huggingface.endpoint import StandInEndpoint

_MINUTE_NS = 60 * 1_000_000_000


class Invoice(TypedDict):
    """Of one endpoint; `replica_minutes` are not rounded to whole minutes."""

    name: str
    namespace: str
    replica_minutes: float
    usd: float


def invoice(endpoint: StandInEndpoint) -> Invoice:
    """Return what *endpoint* has cost until it was last metered."""
    provider, compute = endpoint.document.provider, endpoint.document.compute
    minutes = endpoint.billed_ns / _MINUTE_NS
    price = catalogue.price(provider.vendor, compute.instance_type, compute.instance_size)
    return Invoice(
        name=endpoint.document.name,
        namespace=endpoint.namespace,
        replica_minutes=minutes,
        usd=minutes / 60 * price,
    )

"""Hardware of an endpoint."""

from dataclasses import dataclass

MAX_REPLICAS = 100
MIN_IDLE_MIN, MAX_IDLE_MIN = 15, 2880
"""Idle minutes that the provider takes. Source: Hugging Face's API refuses others with 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """Location, machine and replicas of an endpoint, in the provider's own names.

    Attributes:
        scale_to_zero_after_min: Idle minutes before the endpoint sleeps, 15 to 2,880; None: never.
    """

    vendor: str
    region: str
    instance_type: str
    instance_size: str
    min_replicas: int
    max_replicas: int
    scale_to_zero_after_min: int | None

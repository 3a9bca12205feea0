"""An endpoint's hardware on the deployment's record: chosen by `validate`, used by `create`."""

from dataclasses import replace

from functions.common.deployments.record import EndpointRecord
from functions.common.providers.hardware import Hardware

_FIELDS = (
    "instance_type",
    "instance_size",
    "min_replicas",
    "max_replicas",
    "scale_to_zero_after_min",
)


def with_hardware(endpoint: EndpointRecord, hardware: Hardware) -> EndpointRecord:
    """Return *endpoint* with *hardware* on record."""
    return replace(endpoint, **{name: getattr(hardware, name) for name in _FIELDS})


def recorded_hardware(endpoint: EndpointRecord, at: Hardware) -> Hardware | None:
    """Return the hardware on record, in the place where *at* is; None when it is not all there."""
    if endpoint.instance_size is None or endpoint.min_replicas is None:
        return None
    return replace(at, **{name: getattr(endpoint, name) for name in _FIELDS})

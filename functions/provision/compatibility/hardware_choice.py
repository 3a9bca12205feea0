"""The hardware of a version's endpoint: the smallest of the candidates that it fits in."""

from collections.abc import Sequence

from functions.common.providers.hardware import Hardware
from functions.common.providers.prices import HardwareOffer
from functions.provision.compatibility.memory import BYTES_PER_GB


def choose_hardware(
    candidates: Sequence[Hardware], offers: Sequence[HardwareOffer], needed_bytes: int | None
) -> Hardware:
    """Return one of *candidates*, which come smallest first.

    The last one where *needed_bytes* is unknown or fits into none. One that is sold out is passed
    over for a larger one.
    """
    if needed_bytes is None:
        return candidates[-1]
    for hardware in candidates[:-1]:
        offer = offer_for(hardware, offers)
        if offer and offer.obtainable and needed_bytes <= offer.memory_gb * BYTES_PER_GB:
            return hardware
    return candidates[-1]


def offer_for(hardware: Hardware, offers: Sequence[HardwareOffer]) -> HardwareOffer | None:
    """Return the offer of the machine; None when the provider does not have it."""
    return next((each for each in offers if each.is_of(hardware)), None)

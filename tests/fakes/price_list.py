"""`PriceList` with the offers it was given."""

from typing import Any

from functions.common.providers.prices import HardwareOffer


def an_offer(**changes: Any) -> HardwareOffer:
    """The default machine: two virtual CPUs with 4 GB on AWS."""
    return HardwareOffer(
        **{
            "vendor": "aws",
            "region": "us-east-1",
            "instance_type": "intel-spr",
            "instance_size": "x2",
            "memory_gb": 4.0,
            "price_usd_per_hour": 0.067,
            **changes,
        }
    )


class FakePriceList:
    """Assign `offers_now` to change them; the default machine alone unless told otherwise."""

    def __init__(self, *offers: HardwareOffer) -> None:
        self.offers_now = offers or (an_offer(),)

    def offers(self) -> tuple[HardwareOffer, ...]:
        return self.offers_now

"""`PriceList` with fixed offers."""

from typing import Any

from functions.common.providers.prices import HardwareOffer


def an_offer(**changes: Any) -> HardwareOffer:
    """Return the default instance: two virtual CPUs with 4 GB on AWS."""
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
    """Offers the default instance alone; assign `offers_now` to change that."""

    def __init__(self, *offers: HardwareOffer) -> None:
        self.offers_now = offers or (an_offer(),)

    def offers(self) -> tuple[HardwareOffer, ...]:
        return self.offers_now

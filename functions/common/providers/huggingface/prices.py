"""`PriceList` of Hugging Face Inference Endpoints: CPU machines, prices, and the namespace's quota.

`GET /v2/provider/{namespace}` lists vendors, their regions, and each region's machines;
`GET /v2/provider` does so for everybody, without a quota. Source:
https://api.endpoints.huggingface.cloud (OpenAPI document at its root).
"""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx

from functions.common.observability import make_logger
from functions.common.providers.huggingface.sizes import GB_PER_VCPU, VCPUS
from functions.common.providers.prices import HardwareOffer

MAX_AGE_S = 3600.0
"""Prices change a few times a year, availability and quota within hours."""
RETRY_AFTER_S = 60.0
"""Pause after a request that failed."""
_TIMEOUT = httpx.Timeout(5, connect=3)
_NOT_OFFERED = "deprecated"
_SOLD_OUT = "not_available"

_REGIONS = {
    "aws": ("us-east-1", "us-east-2", "us-west-2", "eu-west-1"),
    "azure": ("eastus",),
    "gcp": ("us-east4",),
}
_USD_PER_HOUR = {
    ("aws", "intel-spr"): (0.033, 0.067, 0.134, 0.268, 0.536),
    ("azure", "intel-xeon"): (0.060, 0.120, 0.240, 0.480),
    ("gcp", "intel-spr"): (0.050, 0.100, 0.200, 0.400),
    ("aws", "intel-icl"): (0.032, 0.064, 0.128, 0.256),
}
"""Price of each size, smallest first, by vendor and instance type.

Source: https://huggingface.co/docs/inference-endpoints/support/pricing as of 2026-05-19; regions
from its FAQ and from the live list of September 2026.
"""
_DEPRECATED = {"intel-icl"}

logger = make_logger("provision")


class HuggingFacePriceList:
    """See `PriceList`; asks once an hour and never fails.

    When Hugging Face does not answer, its last answer counts, and before the first one the
    documented table (`documented_offers`). Without a namespace it is the public list, which takes
    no token.
    """

    def __init__(
        self,
        *,
        api_url: str,
        namespace: str | None = None,
        token: Callable[[], str] | None = None,
        client: httpx.Client | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        owner = f"/{quote(namespace, safe='')}" if namespace else ""
        self._url = f"{api_url.rstrip('/')}/v2/provider{owner}"
        self._token = token
        self._client = client or httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._now_s = now_s
        self._offers = documented_offers()
        self._good_until_s: float | None = None

    def offers(self) -> tuple[HardwareOffer, ...]:
        now_s = self._now_s()
        if self._good_until_s is None or now_s >= self._good_until_s:
            fetched = self._fetch()
            self._offers = fetched or self._offers
            self._good_until_s = now_s + (MAX_AGE_S if fetched else RETRY_AFTER_S)
        return self._offers

    def _fetch(self) -> tuple[HardwareOffer, ...]:
        """Return the current price list; empty when there is none that can be used."""
        try:
            headers = {"Accept": "application/json"}
            if self._token:
                headers["Authorization"] = f"Bearer {self._token()}"
            answer = self._client.get(self._url, headers=headers, timeout=_TIMEOUT)
            found = tuple(_offers(answer.raise_for_status().json()))
        except (httpx.HTTPError, ValueError) as error:
            logger.warning("price_list.unavailable", error=type(error).__name__)
            return ()
        if not found:
            logger.warning("price_list.unavailable", error="no CPU machine in the answer")
        return found


def documented_offers() -> tuple[HardwareOffer, ...]:
    """The documented CPU machines, all taken to be available."""
    return tuple(
        HardwareOffer(
            vendor=vendor,
            region=region,
            instance_type=instance_type,
            instance_size=size,
            memory_gb=GB_PER_VCPU * cpus,
            price_usd_per_hour=price,
            deprecated=instance_type in _DEPRECATED,
        )
        for (vendor, instance_type), prices in _USD_PER_HOUR.items()
        for region in _REGIONS[vendor]
        for (size, cpus), price in zip(VCPUS.items(), prices, strict=False)
    )


def _offers(document: Any) -> Iterator[HardwareOffer]:
    """The CPU machines in the provider's answer; what is not described whole is left out."""
    for vendor in _named(document, "vendors"):
        for region in _named(vendor, "regions"):
            for compute in _dicts(region, "computes"):
                around = {str(vendor.get("status")), str(region.get("status"))}
                if offer := _offer(vendor["name"], region["name"], around, compute):
                    yield offer


def _offer(
    vendor: str, region: str, around: set[str], compute: dict[str, Any]
) -> HardwareOffer | None:
    """Return the offer of one machine; *around* are the statuses of its region and vendor."""
    match compute:
        case {
            "accelerator": "cpu",
            "instanceType": str(instance_type),
            "instanceSize": str(size),
            "memoryGb": int() | float() as memory_gb,
            "pricePerHour": int() | float() as price,
        }:
            statuses = around | {str(compute.get("status"))}
            return HardwareOffer(
                vendor=vendor,
                region=region,
                instance_type=instance_type,
                instance_size=size,
                memory_gb=float(memory_gb),
                price_usd_per_hour=float(price),
                available=_SOLD_OUT not in statuses and not _is_used_up(compute),
                deprecated=_NOT_OFFERED in statuses,
            )
    return None


def _is_used_up(compute: dict[str, Any]) -> bool:
    """Return whether the quota has no room for one replica; a quota of 0 is a placeholder."""
    match compute:
        case {
            "numAccelerators": int(needed),
            "quota": {"maxAccelerators": int(most), "usedAccelerators": int(used)},
        }:
            return most > 0 and most - used < needed
    return False


def _named(document: Any, key: str) -> list[dict[str, Any]]:
    return [each for each in _dicts(document, key) if isinstance(each.get("name"), str)]


def _dicts(document: Any, key: str) -> list[dict[str, Any]]:
    """The objects in the list at *key*; empty when there is no such list."""
    found = document.get(key) if isinstance(document, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

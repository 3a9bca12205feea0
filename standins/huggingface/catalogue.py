"""The CPU hardware that can be rented, with prices in USD per replica and hour.

Source: Hugging Face's price list of May 2026; `intel-icl` is deprecated since July 2025.
"""

from typing import Any

_REGIONS = {
    "aws": {"us-east-1": "N. Virginia", "eu-west-1": "Ireland"},
    "azure": {"eastus": "East US"},
    "gcp": {"us-east4": "N. Virginia"},
}
_ARCHITECTURES = {
    "intel-spr": "Intel Sapphire Rapids",
    "intel-xeon": "Intel Xeon",
    "intel-icl": "Intel Ice Lake",
}
_PRICES: dict[tuple[str, str], dict[int, float]] = {
    ("aws", "intel-spr"): {1: 0.033, 2: 0.067, 4: 0.134, 8: 0.268, 16: 0.536},
    ("aws", "intel-icl"): {1: 0.032, 2: 0.064, 4: 0.128, 8: 0.256},
    ("azure", "intel-xeon"): {1: 0.060, 2: 0.120, 4: 0.240, 8: 0.480},
    ("gcp", "intel-spr"): {1: 0.050, 2: 0.100, 4: 0.200, 8: 0.400},
}
_DEPRECATED = {"intel-icl"}
_MAX_CPUS = 60


def offered(*, vendor: str, region: str, accelerator: str, type_: str, size: str) -> bool:
    """Return whether an endpoint can be created on this hardware today."""
    sizes = {f"x{cpus}" for cpus in _PRICES.get((vendor, type_), {})}
    known = region in _REGIONS.get(vendor, {}) and size in sizes
    return known and accelerator == "cpu" and type_ not in _DEPRECATED


def price(vendor: str, type_: str, size: str) -> float:
    """Return US dollars for a replica and hour of hardware that is offered."""
    return _PRICES[vendor, type_][cpus(size)]


def cpus(size: str) -> int:
    """Return the virtual CPUs of one replica of *size* (`x2`); a quota counts them."""
    return int(size.removeprefix("x"))


def providers(used: dict[str, int] | None) -> dict[str, Any]:
    """Return the body of `/v2/provider/{namespace}`.

    *used*: CPUs in use by instance type; None: the public list, whose quotas are zeros.
    """
    vendors = [
        {
            "name": vendor,
            "status": "available",
            "regions": [
                {
                    "name": region,
                    "label": label,
                    "status": "available",
                    "computes": _computes(vendor, region, used),
                }
                for region, label in regions.items()
            ],
        }
        for vendor, regions in _REGIONS.items()
    ]
    return {"vendors": vendors}


def _computes(vendor: str, region: str, used: dict[str, int] | None) -> list[dict[str, Any]]:
    return [
        _compute(f"{vendor}-{region}", type_, count, price, used)
        for (owner, type_), sizes in _PRICES.items()
        if owner == vendor
        for count, price in sizes.items()
    ]


def _compute(
    place: str, type_: str, count: int, price: float, used: dict[str, int] | None
) -> dict[str, Any]:
    return {
        "id": f"{place}-{type_}-x{count}",
        "accelerator": "cpu",
        "numAccelerators": count,
        "memoryGb": 2.0 * count,
        "gpuMemoryGb": None,
        "instanceType": type_,
        "instanceSize": f"x{count}",
        "architecture": _ARCHITECTURES[type_],
        "status": "deprecated" if type_ in _DEPRECATED else "available",
        "pricePerHour": price,
        "quota": {
            "maxAccelerators": 0 if used is None else _MAX_CPUS,
            "usedAccelerators": used.get(type_, 0) if used else 0,
        },
    }

"""The hardware of a version's endpoint, and what speaks against it."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments.record import Deployment
from functions.common.packages.carried_lock import lock_in
from functions.common.packages.model_packages import Lock, ModelPackages
from functions.common.providers.hardware import Hardware
from functions.provision.compatibility.budget import Budget
from functions.provision.compatibility.hardware_choice import choose_hardware
from functions.provision.compatibility.memory import LEAST_BYTES, estimated_bytes
from functions.provision.compatibility.version_checks import CheckedVersion, VersionChecks
from tests.builders import HARDWARE as X2
from tests.builders import a_deployment
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.model_registry import a_version
from tests.fakes.price_list import FakePriceList, an_offer
from tests.fakes.provider import InMemoryProvider

X1 = replace(X2, instance_size="x1")
SMALL = an_offer(instance_size="x1", memory_gb=2.0, price_usd_per_hour=0.033)
LARGE = an_offer(instance_size="x16", memory_gb=32.0, price_usd_per_hour=0.536)
SKLEARN_BYTES = 190_000_000
"""Packages of a scikit-learn model with the whole of MLflow."""
TENSORFLOW_BYTES = 507_000_000


def check(
    *, max_model_hourly_usd: float = 1, deployment: Deployment | None = None, **changes: Any
) -> CheckedVersion:
    """Check a version with *changes* where the settings allow x1 and x2."""
    prices = FakePriceList(SMALL, an_offer(), LARGE)
    budget = Budget(
        control=FakeEndpointControl(),
        tag="any",
        prices=prices,
        max_endpoints=None,
        max_hourly_usd=None,
    )
    checks = VersionChecks(
        provider=InMemoryProvider(hardware=(X1, X2), prices=prices),
        prices=prices,
        budget=budget,
        max_model_hourly_usd=max_model_hourly_usd,
    )
    version = a_version(**changes)
    return checks.check(deployment or a_deployment(), version, checks.requested_hardware(version))


def texts(checked: CheckedVersion) -> str:
    """Return the reasons, none of which passes by itself."""
    assert not any(reason.retryable for reason in checked.reasons)
    return " ".join(reason.text for reason in checked.reasons)


def test_the_lock_of_the_packages_is_carried_on() -> None:
    """So that they are resolved once."""
    packages = ModelPackages(requirements="numpy==2.1")
    target: dict[str, Any] = {"runtime": "container", "python": "3.12"}

    checked = check(deployment=a_deployment(**target), packages=packages)

    assert Lock(python="3.12", packages=()) == lock_in(checked.lock, packages, **target)


@pytest.mark.parametrize(
    ("model_bytes", "package_bytes", "expected"),
    [
        (1_000_000, SKLEARN_BYTES, X1),
        (100_000_000, SKLEARN_BYTES, X1),
        (400_000_000, SKLEARN_BYTES, X2),
        (10_000_000, TENSORFLOW_BYTES, X1),
        (200_000_000, TENSORFLOW_BYTES, X2),
        (3_000_000_000, SKLEARN_BYTES, X2),
        (None, SKLEARN_BYTES, X2),
        (1_000_000, None, X2),
    ],
)
def test_the_smallest_instance_that_fits_is_chosen(
    model_bytes: int | None, package_bytes: int | None, expected: Hardware
) -> None:
    """The largest candidate where it is not known."""
    needed = estimated_bytes(model_bytes, package_bytes)

    assert expected == choose_hardware((X1, X2), (SMALL, an_offer()), needed)


@pytest.mark.parametrize(
    "offers",
    [
        (an_offer(),),
        (replace(SMALL, available=False), an_offer()),
        (replace(SMALL, deprecated=True), an_offer()),
    ],
)
def test_an_instance_that_cannot_be_had_is_passed_over(offers: Any) -> None:
    """A larger one costs more, and serves."""
    assert X2 == choose_hardware((X1, X2), offers, LEAST_BYTES)


def test_the_only_candidate_is_taken() -> None:
    """Whether it fits is for the checks to say."""
    assert X1 == choose_hardware((X1,), (), 10**12)


def test_tags_of_the_version_come_before_the_models() -> None:
    """The others of the registered model still count."""
    checked = check(
        model_tags={"hokus.instance_size": "x1", "hokus.max_replicas": "3"},
        tags={"hokus.instance_size": "x16", "hokus.max_replicas": "1"},
    )

    assert [] == checked.reasons
    assert replace(X2, instance_size="x16") == checked.hardware
    assert 3 == check(model_tags={"hokus.max_replicas": "3"}).hardware.max_replicas


def test_a_fault_of_the_tags_is_an_incompatibility() -> None:
    """Beside all others."""
    found = texts(check(tags={"hokus.min_replicas": "many"}, inputs=None))

    assert "hokus.min_replicas is `many`" in found
    assert "no signature" in found


def test_a_size_of_the_tags_must_be_large_enough() -> None:
    """The files alone may be too large for it."""
    found = texts(check(tags={"hokus.instance_size": "x1"}, model_size_bytes=1_600_000_000))

    assert "an instance x1 has 2 GB of memory" in found


def test_tags_may_ask_for_so_many_dollars() -> None:
    """With all replicas; the settings may, whatever they are."""
    tags = {"hokus.instance_size": "x16", "hokus.max_replicas": "2"}

    assert [] == check(tags=tags, max_model_hourly_usd=1.072).reasons
    found = texts(check(tags=tags, max_model_hourly_usd=1.071))
    assert "ask for up to 1.072 USD an hour, of at most 1.071" in found
    assert "MAX_MODEL_HOURLY_COST_USD" in found
    assert [] == check(max_model_hourly_usd=0.01).reasons

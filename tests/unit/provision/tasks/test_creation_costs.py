"""Hardware, cost and budget of a created endpoint."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.price_list import FakePriceList, an_offer
from tests.unit.provision.endpoints import (
    HARDWARE,
)
from tests.unit.provision.tasks.creating import (
    ANOTHER,
    DEPLOYMENT,
    NAME,
    create,
)


def test_the_hardware_is_that_on_record() -> None:
    """Whatever the settings are now; the budget counts it, too."""
    wanted: dict[str, Any] = {"instance_size": "x4", "min_replicas": 0, "max_replicas": 3}
    wanted["scale_to_zero_after_min"] = 30
    store = FakeDeploymentStore(changed(DEPLOYMENT, **wanted))
    prices = FakePriceList(an_offer(instance_size="x4", price_usd_per_hour=0.134))
    control = FakeEndpointControl()

    outcome, record = create(control, store, prices=prices, max_hourly_usd=0.41)

    assert "created" == outcome.name
    hardware = control.specs[NAME].hardware
    assert replace(HARDWARE, **wanted) == hardware
    assert 0.402 == record.endpoint.hourly_cost_usd
    outcome, _record = create(FakeEndpointControl(), store, prices=prices, max_hourly_usd=0.4)
    assert "this one would add 0.402" in (outcome.reason or "")


def test_the_record_has_the_hourly_cost() -> None:
    """Of all replicas, running."""
    _outcome, record = create(FakeEndpointControl())

    assert 0.067 == record.endpoint.hourly_cost_usd


def test_without_a_price_the_record_has_no_cost() -> None:
    """A missing cost is better than a wrong one."""
    prices = FakePriceList(an_offer(instance_size="x16"))

    _outcome, record = create(FakeEndpointControl(), prices=prices)

    assert record.endpoint.hourly_cost_usd is None


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"max_endpoints": 1}, "There are 1 endpoints already, of at most 1."),
        ({"max_hourly_usd": 0.1}, "at most 0.100 are allowed"),
    ],
)
def test_an_endpoint_over_the_budget_is_not_kept(limits: dict[str, Any], words: str) -> None:
    """The failure is temporary; existing endpoints are untouched."""
    control = FakeEndpointControl(ANOTHER)

    outcome, _record = create(control, **limits)

    assert ("failed", True) == (outcome.name, outcome.retryable)
    assert words in (outcome.reason or "")
    assert control.describe(NAME) is None
    assert control.describe(ANOTHER.name)


def test_the_budget_counts_the_endpoint_itself_once() -> None:
    """Also in a second run, when it exists already."""
    control, store = FakeEndpointControl(ANOTHER), FakeDeploymentStore(DEPLOYMENT)

    outcomes = [create(control, store, max_endpoints=2)[0].name for _ in range(2)]

    assert ["created", "created"] == outcomes

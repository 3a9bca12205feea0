"""Ceilings on the number and the cost of endpoints."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.providers.base import (
    Endpoint,
    EndpointState,
    ProviderUnavailableError,
)
from functions.common.providers.hardware import Hardware
from functions.provision.compatibility.budget import Budget, hourly_cost
from tests.builders import HARDWARE as X2
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.price_list import FakePriceList, an_offer

TAG = "hokus-installation-0a1b2c3d"
PRICES = FakePriceList(an_offer(), an_offer(instance_size="x16", price_usd_per_hour=0.536))


def an_endpoint(name: str, **changes: Any) -> Endpoint:
    made = Endpoint(
        name=name,
        state=EndpointState.RUNNING,
        url=None,
        message="",
        repository="",
        revision="",
        tags=("hokus", TAG),
        hardware=X2,
    )
    return replace(made, **changes)


def a_budget(
    *endpoints: Endpoint, max_endpoints: int | None = None, max_hourly_usd: float | None = None
) -> Budget:
    return Budget(
        control=FakeEndpointControl(*endpoints),
        tag=TAG,
        prices=PRICES,
        max_endpoints=max_endpoints,
        max_hourly_usd=max_hourly_usd,
    )


def reason(budget: Budget, hardware: Hardware = X2) -> str | None:
    return budget.reason_against(hardware, budget.used(ours="mine"))


def test_the_number_of_endpoints_is_limited() -> None:
    """The requested endpoint may be the last one allowed."""
    one, two = an_endpoint("one"), an_endpoint("two")

    assert reason(a_budget(one, max_endpoints=2)) is None
    assert (
        "There are 2 endpoints already, of at most 2. Undeploy a model, or raise MAX_ENDPOINTS."
    ) == reason(a_budget(one, two, max_endpoints=2))


def test_the_requested_endpoint_counts_once() -> None:
    """Even if an earlier attempt has created it."""
    one, mine = an_endpoint("one"), an_endpoint("mine")

    assert reason(a_budget(one, mine, max_endpoints=2, max_hourly_usd=0.134)) is None


def test_the_total_cost_is_limited() -> None:
    """In decimal arithmetic: ten times 0.067 is 0.67."""
    nine = [an_endpoint(f"m{number}") for number in range(9)]

    assert reason(a_budget(*nine, max_hourly_usd=0.67)) is None
    assert (
        "The endpoints cost up to 0.603 USD an hour already, this one would add 0.067, and at most "
        "0.669 are allowed. Undeploy a model, choose a smaller instance or fewer replicas, or "
        "raise MAX_HOURLY_COST_USD."
    ) == reason(a_budget(*nine, max_hourly_usd=0.669))


def test_every_replica_counts() -> None:
    """Of running endpoints and of the requested one."""
    three = replace(X2, max_replicas=3)
    budget = a_budget(an_endpoint("one", hardware=three), max_hourly_usd=0.4)

    assert reason(budget) is None
    assert "0.201 USD an hour already, this one would add 0.201" in (reason(budget, three) or "")


@pytest.mark.parametrize("state", list(EndpointState))
def test_endpoints_in_every_state_count(state: EndpointState) -> None:
    """A sleeping one may wake up at any time."""
    assert reason(a_budget(an_endpoint("one", state=state), max_endpoints=1))


@pytest.mark.parametrize(
    ("hardware", "spent"),
    [
        (None, "0.536"),
        (replace(X2, instance_type="intel-icl"), "0.536"),
        (replace(X2, instance_type="intel-icl", max_replicas=2), "1.072"),
    ],
)
def test_an_unknown_price_counts_as_the_highest(hardware: Hardware | None, spent: str) -> None:
    """So that the ceiling is never exceeded."""
    budget = a_budget(an_endpoint("one", hardware=hardware), max_hourly_usd=0.3)

    assert f"up to {spent} USD" in (reason(budget) or "")


def test_endpoints_of_others_do_not_count() -> None:
    """Neither do those of another installation."""
    foreign = an_endpoint("one", tags=("hokus", "hokus-installation-ffffffff"))

    assert reason(a_budget(foreign, max_endpoints=1, max_hourly_usd=0.1)) is None


def test_both_ceilings_are_reported_together() -> None:
    """So that one correction is enough."""
    found = reason(a_budget(an_endpoint("one"), max_endpoints=1, max_hourly_usd=0.1)) or ""

    assert "MAX_ENDPOINTS" in found
    assert "MAX_HOURLY_COST_USD" in found


class Unreachable(FakeEndpointControl):
    def tagged(self, tag: str) -> list[Endpoint]:
        raise ProviderUnavailableError(tag)


def test_without_a_ceiling_the_provider_is_not_called() -> None:
    """With one, a provider that does not answer is a retryable error."""
    unlimited = replace(a_budget(), control=Unreachable())

    assert reason(unlimited) is None
    with pytest.raises(ProviderUnavailableError):
        reason(replace(unlimited, max_endpoints=1))


def test_the_hourly_cost_covers_all_replicas() -> None:
    """None if the instance has no price."""
    offers = PRICES.offers()
    assert 0.067 == hourly_cost(X2, offers)
    assert 0.201 == hourly_cost(replace(X2, max_replicas=3), offers)
    assert hourly_cost(replace(X2, region="mars-1"), offers) is None

"""Ceilings on what may run at once."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.providers.base import (
    Endpoint,
    EndpointState,
    Hardware,
    ProviderUnavailableError,
)
from functions.provision.compatibility.budget import Budget
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
        access="authenticated",
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
    return budget.reason_against(hardware, ours="mine")


def test_there_may_be_so_many_endpoints() -> None:
    """The one that is asked for is the last that may be."""
    one, two = an_endpoint("one"), an_endpoint("two")

    assert reason(a_budget(one, max_endpoints=2)) is None
    assert (
        "There are 2 endpoints already, of at most 2. Undeploy a model, or raise MAX_ENDPOINTS."
    ) == reason(a_budget(one, two, max_endpoints=2))


def test_the_one_that_is_asked_for_counts_once() -> None:
    """Also when an earlier try has made it."""
    one, mine = an_endpoint("one"), an_endpoint("mine")

    assert reason(a_budget(one, mine, max_endpoints=2, max_hourly_usd=0.134)) is None


def test_all_may_cost_so_much() -> None:
    """Ten times 0.067 is 0.67, whatever binary fractions say."""
    nine = [an_endpoint(f"m{number}") for number in range(9)]

    assert reason(a_budget(*nine, max_hourly_usd=0.67)) is None
    assert (
        "The endpoints cost up to 0.603 USD an hour already, this one would add 0.067, and at most "
        "0.669 are allowed. Undeploy a model, choose a smaller instance or fewer replicas, or "
        "raise MAX_HOURLY_COST_USD."
    ) == reason(a_budget(*nine, max_hourly_usd=0.669))


def test_every_replica_is_paid_for() -> None:
    """Of those that run, and of the one that is asked for."""
    three = replace(X2, max_replicas=3)
    budget = a_budget(an_endpoint("one", hardware=three), max_hourly_usd=0.4)

    assert reason(budget) is None
    assert "0.201 USD an hour already, this one would add 0.201" in (reason(budget, three) or "")


@pytest.mark.parametrize("state", list(EndpointState))
def test_every_state_counts(state: EndpointState) -> None:
    """One that sleeps may wake at any time, and a new one must not wait for it."""
    assert reason(a_budget(an_endpoint("one", state=state), max_endpoints=1))


@pytest.mark.parametrize(
    ("hardware", "spent"),
    [
        (None, "0.536"),
        (replace(X2, instance_type="intel-icl"), "0.536"),
        (replace(X2, instance_type="intel-icl", max_replicas=2), "1.072"),
    ],
)
def test_what_has_no_price_is_the_dearest(hardware: Hardware | None, spent: str) -> None:
    """A ceiling that might be too high is none."""
    budget = a_budget(an_endpoint("one", hardware=hardware), max_hourly_usd=0.3)

    assert f"up to {spent} USD" in (reason(budget) or "")


def test_others_endpoints_are_not_ours() -> None:
    """Not even those of another installation."""
    foreign = an_endpoint("one", tags=("hokus", "hokus-installation-ffffffff"))

    assert reason(a_budget(foreign, max_endpoints=1, max_hourly_usd=0.1)) is None


def test_both_ceilings_are_told_at_once() -> None:
    """One correction is enough."""
    told = reason(a_budget(an_endpoint("one"), max_endpoints=1, max_hourly_usd=0.1)) or ""

    assert "MAX_ENDPOINTS" in told
    assert "MAX_HOURLY_COST_USD" in told


class Unreachable(FakeEndpointControl):
    def tagged(self, tag: str) -> list[Endpoint]:
        raise ProviderUnavailableError(tag)


def test_without_a_ceiling_nothing_is_asked() -> None:
    """With one, a provider that does not answer is worth another try."""
    unlimited = replace(a_budget(), control=Unreachable())

    assert reason(unlimited) is None
    with pytest.raises(ProviderUnavailableError):
        reason(replace(unlimited, max_endpoints=1))


def test_an_hour_has_its_price() -> None:
    """All replicas together; None when the list has none."""
    assert 0.067 == a_budget().hourly_cost(X2)
    assert 0.201 == a_budget().hourly_cost(replace(X2, max_replicas=3))
    assert a_budget().hourly_cost(replace(X2, region="mars-1")) is None

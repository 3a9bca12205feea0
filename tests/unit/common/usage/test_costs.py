"""A month's dollars, split by the time for which calls kept endpoints busy."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.usage.costs import UsageSum, cost_shares, summed, usd_per_thousand
from functions.common.usage.figures import Figures, ModelDay

HOUR_US = 3_600_000_000
FIGURES = st.builds(Figures, calls=st.integers(0, 100), provider_us=st.integers(0, 10 * HOUR_US))
USAGE = st.builds(UsageSum, users=st.dictionaries(st.text(), FIGURES), others=FIGURES)


@given(USAGE, st.floats(0, 1e4), st.floats(0.01, 10))
def test_the_parts_are_all_of_it(usage: UsageSum, usd: float, usd_per_hour: float) -> None:
    """Busy and idle, and of the busy part the users'; none is negative."""
    shares = cost_shares(usage, usd=usd, usd_per_hour=usd_per_hour)

    assert usd == pytest.approx(shares.busy_usd + shares.idle_usd)
    assert shares.busy_usd == pytest.approx(sum(shares.users.values()) + shares.others_usd)
    parts = [shares.busy_usd, shares.idle_usd, shares.others_usd, *shares.users.values()]
    assert min(parts) >= 0


def test_the_busy_part_is_hours_times_price() -> None:
    """Half an hour of Ada's, at 2 USD an hour."""
    usage = UsageSum(users={"ada": Figures(calls=9, provider_us=HOUR_US // 2)})

    shares = cost_shares(usage, usd=10.0, usd_per_hour=2.0)

    assert (1.0, 9.0, {"ada": 1.0}) == (shares.busy_usd, shares.idle_usd, shares.users)


def test_days_add_up() -> None:
    """Users beyond the busiest are counted among the others."""
    days = [
        ModelDay(
            model_id="iris",
            day=date(2026, 11, day),
            complete=True,
            users={
                "ada": Figures(calls=1),
                "zoë": Figures(calls=2),
                "bob": Figures(calls=1, provider_us=day),
            },
            others=Figures(calls=10),
        )
        for day in (1, 2)
    ]

    usage = summed(days, most_users=2)

    assert ["bob", "zoë"] == list(usage.users)
    assert Figures(calls=2, provider_us=3) == usage.users["bob"]
    assert (22, 28) == (usage.others.calls, usage.total.calls)


def test_a_thousand_predictions_cost_their_part_of_all() -> None:
    """Without predictions there is no such figure."""
    assert 0.5 == usd_per_thousand(10.0, 20_000)
    assert usd_per_thousand(10.0, 0) is None

"""`GET /models/{model_id}`: what a model costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.common.deployments.record import utc_now
from functions.common.ledger.model_month import EndpointCost, ModelMonth
from functions.common.ledger.months import month_end, month_of, month_start
from functions.common.usage.figures import Figures, ModelDay
from functions.describe.costs import Costs
from tests.fakes.ledger import FakeLedger
from tests.unit.describe.describing import Describing

NOW = datetime(2026, 11, 11, tzinfo=UTC)
COST = EndpointCost(usd=10.0, since=NOW - timedelta(days=10), seen_at=NOW, usd_per_hour=0.067)
NOVEMBER = ModelMonth(model_id="iris", month="2026-11", endpoints={"one": COST})


def a_ledger(month: ModelMonth = NOVEMBER) -> FakeLedger:
    ledger = FakeLedger()
    assert ledger.write(month)
    return ledger


def test_a_model_shows_what_it_costs_this_month(api: Describing) -> None:
    """Dollars so far, and of the month if it goes on like this; of predictions nothing is known."""
    now = utc_now()
    start = month_start(month_of(now))
    seen_at = start + (now - start) / 2
    cost = replace(COST, usd=1.23456, since=start, seen_at=seen_at)
    api.ledger.write(ModelMonth(model_id="iris", month=month_of(now), endpoints={"one": cost}))

    _, answer = api.get("/models/iris")

    expected = 1.23456 * ((month_end(month_of(now)) - start) / (seen_at - start))
    assert answer["cost"]["counted_until"].endswith("Z")
    assert (month_of(now), 1.23, None) == (
        answer["cost"]["month"],
        answer["cost"]["usd"],
        answer["cost"]["usd_per_1000_predictions"],
    )
    assert expected == pytest.approx(answer["cost"]["forecast_usd"], abs=0.01)


def test_a_thousand_predictions_are_those_of_the_month(api: Describing) -> None:
    """Calls that were answered, of all days that are rolled up; not last month's."""
    now = utc_now()
    start = month_start(month_of(now))
    cost = replace(COST, usd=1.0, since=start, seen_at=now)
    api.ledger.write(ModelMonth(model_id="iris", month=month_of(now), endpoints={"one": cost}))
    answered = Figures(calls=7, faults=1, refusals=2)
    for day in (start.date(), month_end(month_of(now)).date() - timedelta(days=1)):
        api.usage.write(ModelDay(model_id="iris", day=day, complete=True, others=answered))
    for name, day in (("iris", start.date() - timedelta(days=1)), ("wine", start.date())):
        api.usage.write(ModelDay(model_id=name, day=day, complete=True, others=answered))

    assert 125.0 == api.get("/models/iris")[1]["cost"]["usd_per_1000_predictions"]


def test_a_model_without_an_endpoint_this_month_shows_no_cost(api: Describing) -> None:
    """Last month's is not this month's."""
    api.ledger.write(replace(NOVEMBER, month="2020-01"))

    assert api.get("/models/iris")[1]["cost"] is None


@pytest.mark.parametrize(("predictions", "usd"), [(None, None), (0, None), (20_000, 0.5)])
def test_a_thousand_predictions_cost_their_part_of_all(
    predictions: int | None, usd: float | None
) -> None:
    """The time in which nobody called is part of it."""
    costs = Costs(a_ledger(), predictions=lambda _model, _month: predictions, now=lambda: NOW)

    found = costs.get("iris")

    assert found
    assert usd == found["usd_per_1000_predictions"]


@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ({}, 30.0),
        ({"ended": True}, 10.0),
        ({"usd": 5.0, "since": NOW - timedelta(days=5)}, 25.0),
        ({"usd": 0.0, "since": NOW, "usd_per_hour": 0.01}, 20 * 24 * 0.01),
    ],
)
def test_the_forecast_is_the_average_since_the_first_dollar(
    changes: dict[str, float], usd: float
) -> None:
    """Nothing more where no endpoint stands, and the present price before there is an average."""
    cost = replace(COST, **changes)  # type: ignore[arg-type]  # of several fields
    month = replace(NOVEMBER, endpoints={"one": cost})

    assert usd == pytest.approx(month.forecast_usd())

"""Which models are checked."""

from datetime import timedelta

import pytest

from functions.common.circuits.state import CircuitState, Phase
from functions.common.deployments.record import Status
from functions.common.ledger.budget_use import BudgetAction
from functions.common.ledger.model_month import EndpointCost, ModelMonth, MonthTotal
from tests.builders import NOON, a_deployment, set_desired
from tests.unit.uptime.checking import KEY, Checking, awake

THIS_MONTH, LAST_MONTH = "2026-11", "2026-10"


def note_cost(
    it: Checking, usd_per_hour: float, *, month: str = THIS_MONTH, hours_ago: int = 0
) -> None:
    """Have the reconciler have seen the endpoint of `iris`."""
    cost = EndpointCost(
        usd=1.0,
        since=NOON - timedelta(days=60),
        seen_at=NOON - timedelta(hours=hours_ago),
        usd_per_hour=usd_per_hour,
    )
    kept = ModelMonth(model_id="iris", month=month, endpoints={"hokus-iris-0123abcd": cost})
    it.ledger.kept["iris", month] = kept


def test_every_model_that_serves_is_checked(it: Checking) -> None:
    """On however many pages they are listed."""
    names = [f"model-{number:03}" for number in range(120)]
    for name in names:
        it.serve(awake(name))
    requested = a_deployment(model_id="new", status=Status.DEPLOYING)
    set_desired(it.store, requested)
    it.store.add(requested)

    report = it.function().run.run(KEY)

    assert names == it.called
    assert 120 == report.checked


@pytest.mark.parametrize("min_replicas", [0, None])
def test_a_model_that_may_sleep_is_not_checked(it: Checking, min_replicas: int | None) -> None:
    """A call would wake it, or keep it awake."""
    it.serve(awake(min_replicas=min_replicas))

    assert 1 == it.function().run.run(KEY).as_json()["at_rest"]
    assert [] == it.called


def test_a_model_that_was_put_to_sleep_is_not_woken(it: Checking) -> None:
    """The reconciler has seen that it costs nothing; nobody has found it broken."""
    it.serve(awake())
    note_cost(it, 0.0)

    it.function().run.run(KEY)

    assert [] == it.called


def test_a_sleeping_model_is_remembered_when_a_month_begins(it: Checking) -> None:
    """Before the first reconciliation of the month."""
    it.serve(awake())
    note_cost(it, 0.0, month=LAST_MONTH, hours_ago=300)

    it.function().run.run(KEY)

    assert [] == it.called


def test_a_model_that_was_woken_is_checked_again(it: Checking) -> None:
    """By what was seen last, not by the month before."""
    it.serve(awake())
    note_cost(it, 0.0, month=LAST_MONTH, hours_ago=300)
    note_cost(it, 0.033)

    it.function().run.run(KEY)

    assert ["iris"] == it.called


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.WARMING, Phase.NOT_READY])
def test_a_model_that_has_failed_is_checked(it: Checking, phase: Phase) -> None:
    """It costs nothing either, and callers have found it broken."""
    live = it.serve(awake())
    it.circuits.kept[live.id] = CircuitState(phase=phase)
    note_cost(it, 0.0)

    it.function().run.run(KEY)

    assert ["iris"] == it.called


def test_without_a_known_price_a_model_is_not_taken_to_sleep(it: Checking) -> None:
    """Everything costs nothing then."""
    it.serve(awake(hourly_cost_usd=None))
    note_cost(it, 0.0)

    it.function().run.run(KEY)

    assert ["iris"] == it.called


def test_without_circuits_a_sleeping_model_is_not_woken(it: Checking) -> None:
    """The table of the shared state may be down."""
    it.serve(awake())
    it.serve(awake("wine"))
    note_cost(it, 0.0)
    it.circuits.down = True

    it.function().run.run(KEY)

    assert ["wine"] == it.called


@pytest.mark.parametrize(
    ("spent_usd", "action", "called"),
    [
        (50.0, BudgetAction.SLEEP, []),
        (50.0, BudgetAction.PAUSE, []),
        (50.0, BudgetAction.NONE, ["iris"]),
        (49.9, BudgetAction.SLEEP, ["iris"]),
    ],
)
def test_checks_keep_no_model_awake_when_the_budget_is_used_up(
    it: Checking, spent_usd: float, action: BudgetAction, called: list[str]
) -> None:
    """An endpoint is stopped then when nobody has called it for 15 minutes."""
    it.serve(awake())
    it.ledger.totals[THIS_MONTH] = MonthTotal(month=THIS_MONTH, usd=spent_usd)
    it.settings = {"monthly_budget_usd": 50.0, "budget_action": action}

    report = it.function().run.run(KEY)

    assert called == it.called
    assert report.spared is (not called)


def test_a_model_without_an_example_is_named(it: Checking) -> None:
    """It cannot be checked."""
    it.serve(awake(input_example=None))

    report = it.function().run.run(KEY)

    assert ["iris"] == report.as_json()["without_example_models"]
    assert [] == it.called

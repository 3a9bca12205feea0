"""The monthly budget: its use, and who is warned of it."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.circuits.state import CircuitState
from functions.common.ledger.budget_use import BudgetUse
from functions.provision.metering.budget import MonthlyBudget
from functions.provision.metering.idleness import IDLE_FOR, Idleness
from tests.builders import NOON, a_live_deployment
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.ledger import FakeLedger

LONG_AGO = NOON - timedelta(days=1)
LIVE = a_live_deployment(updated_at=LONG_AGO)


class SlowLedger(FakeLedger):
    """Reads the total before anything was written, and writes after *ledger* has been."""

    def __init__(self, ledger: FakeLedger) -> None:
        super().__init__()
        self.write_total = ledger.write_total  # type: ignore[method-assign]


def warned(log: io.StringIO) -> list[tuple[int, str]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert {"budget.warned"} >= {line["message"] for line in lines}
    return [(line["threshold_percent"], line["month"]) for line in lines]


def test_people_are_warned_once_a_month_at_each_threshold(log: io.StringIO) -> None:
    """However often it is counted, and however it comes to the threshold."""
    now = NOON
    budget = MonthlyBudget(ledger=FakeLedger(), usd=50, now=lambda: now)
    for spent in (0, 39.99, 40, 41, 50, 51):
        budget.note(spent)
    now = NOON + timedelta(days=30)
    for spent in (0, 60, 61):
        budget.note(spent)

    assert [(80, "2026-11"), (100, "2026-11"), (100, "2026-12")] == warned(log)


def test_of_two_runs_at_once_one_warns(log: io.StringIO) -> None:
    """Both have read the same total."""
    ledger = FakeLedger()
    budget = MonthlyBudget(ledger=ledger, usd=50, now=lambda: NOON)
    budget.note(45)
    slow = MonthlyBudget(ledger=SlowLedger(ledger), usd=50, now=lambda: NOON)
    slow.note(45)

    assert [(80, "2026-11")] == warned(log)


@pytest.mark.parametrize(
    ("spent", "budget_usd", "percent", "used_up"),
    [(49.99, 50, 99.98, False), (50, 50, 100, True), (75, 50, 150, True), (75, 0, None, False)],
)
def test_the_use_of_a_budget(
    spent: float, budget_usd: float, percent: float | None, used_up: bool
) -> None:
    """Without a budget nothing is ever used up."""
    use = BudgetUse(month="2026-11", spent_usd=spent, budget_usd=budget_usd)

    assert percent == pytest.approx(use.percent)
    assert used_up == use.used_up


def test_other_runs_go_by_the_noted_total() -> None:
    """A month without one has nothing spent."""
    ledger = FakeLedger()
    MonthlyBudget(ledger=ledger, usd=50, now=lambda: NOON).note(60)

    assert MonthlyBudget(ledger=ledger, usd=50, now=lambda: NOON).use().used_up
    assert not MonthlyBudget(ledger=ledger, usd=61, now=lambda: NOON).use().used_up
    december = NOON + timedelta(days=30)
    assert not MonthlyBudget(ledger=ledger, usd=50, now=lambda: december).use().used_up


@pytest.mark.parametrize(
    ("state", "idle"),
    [
        (CircuitState(), True),
        (CircuitState().answered((NOON - IDLE_FOR).timestamp()), True),
        (CircuitState().answered((NOON - timedelta(minutes=14)).timestamp()), False),
        (CircuitState().asleep((NOON - timedelta(minutes=1)).timestamp()), False),
        (CircuitState().claim_probe((NOON - timedelta(seconds=2)).timestamp()), False),
        (CircuitState().not_ready((NOON - timedelta(hours=3)).timestamp()), True),
    ],
    ids=["never called", "long ago", "lately", "being woken", "being called", "given up"],
)
def test_an_endpoint_is_idle_when_nobody_has_called_it_lately(
    state: CircuitState, idle: bool
) -> None:
    """A call under way counts, and so does one that waits for it to wake."""
    circuits = FakeCircuitStateStore()
    circuits.kept[LIVE.id] = state

    assert idle == Idleness(circuits=circuits, now=lambda: NOON).is_idle(LIVE)


def test_what_is_not_known_is_not_idle() -> None:
    """Neither while the shared state is unavailable, nor just after the activation."""
    circuits = FakeCircuitStateStore()
    idleness = Idleness(circuits=circuits, now=lambda: NOON)

    assert not idleness.is_idle(replace(LIVE, updated_at=NOON - timedelta(minutes=14)))
    circuits.down = True
    assert not idleness.is_idle(LIVE)

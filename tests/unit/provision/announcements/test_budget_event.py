"""`budget.reached` is published for each threshold of a month, before it is noted."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from functions.provision.announcements.budget_event import announce_budget
from functions.provision.announcements.event import SOURCE
from functions.provision.metering.budget import MonthlyBudget
from tests.builders import NOON
from tests.fakes.event_publisher import FakeEventPublisher
from tests.fakes.ledger import FakeLedger

SCHEMA = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parents[4] / "docs/events.schema.json").read_text())
)


@pytest.fixture
def events() -> FakeEventPublisher:
    return FakeEventPublisher()


@pytest.fixture
def budget(events: FakeEventPublisher) -> MonthlyBudget:
    """Ten dollars a month."""
    return MonthlyBudget(
        ledger=FakeLedger(),
        usd=10,
        now=lambda: NOON,
        on_reached=lambda use, percent: announce_budget(events, lambda: NOON, use, percent),
    )


def test_each_threshold_is_announced_once(
    budget: MonthlyBudget, events: FakeEventPublisher
) -> None:
    """However often the spending is counted."""
    for usd in (5, 8, 8.5, 10.004, 12):
        budget.note(usd)

    assert ["2026-11:80:budget.reached", "2026-11:100:budget.reached"] == events.ids
    last = events.published[-1]
    assert "100 % of the budget of 10.00 USD for 2026-11 are used: 10.00 USD are spent." == (
        last.summary
    )
    detail = last.detail(installation="i", environment="e")
    SCHEMA.validate(
        {"source": SOURCE, "detail-type": last.kind, "time": detail["time"], "detail": detail}
    )


def test_an_event_that_is_not_published_is_published_later(
    budget: MonthlyBudget, events: FakeEventPublisher
) -> None:
    """The budget itself counts all the same."""
    events.broken = True
    assert budget.note(10).used_up

    events.broken = False
    assert budget.use().used_up
    budget.note(10)
    budget.note(10)

    assert ["2026-11:100:budget.reached"] == events.ids

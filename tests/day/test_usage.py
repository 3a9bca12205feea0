"""The items of usage that are rolled up from the log equal the script's own count."""

from collections import Counter

import pytest

from infra.local.dashboard.calls import predictions, totals
from tests.day.calls import MODELS, USERS
from tests.day.script import Day
from tests.day.usage import Usage, rolled_up


@pytest.fixture(scope="module")
def usage(day: Day) -> Usage:
    """Usage of the day so far."""
    return rolled_up(day.system, began=day.began)


def test_calls_faults_and_refusals(day: Day, usage: Usage) -> None:
    """By user and model."""
    made = [each for each in day.made if each.model in MODELS]
    faults = Counter((each.user, each.model) for each in made if each.is_fault)
    refused = Counter((each.user, each.model) for each in made if each.code and not each.is_fault)

    assert Counter((each.user, each.model) for each in made) == {
        pair: each.calls for pair, each in usage.figures.items()
    }
    assert faults == {pair: each.faults for pair, each in usage.figures.items() if each.faults}
    assert refused == {pair: each.refusals for pair, each in usage.figures.items() if each.refusals}


def test_milliseconds(day: Day, usage: Usage) -> None:
    """The sum of what the log has of the same calls."""
    for (user, model), found in usage.figures.items():
        logged = [each for each in day.logged if (each.user, each.model) == (user, model)]
        latency_ms = sum(each.latency_ms for each in logged)
        provider_ms = sum(each.provider_ms for each in logged)
        assert latency_ms == pytest.approx(found.latency_us / 1_000)
        assert provider_ms == pytest.approx(found.provider_us / 1_000)


def test_all_calls_and_users(day: Day, usage: Usage) -> None:
    """All of the log: names that are no models, and the system's own checks, among them."""
    logged = predictions(day.lines)

    assert len(logged) == usage.calls
    assert totals(logged).users == usage.users
    assert len(USERS) <= usage.users

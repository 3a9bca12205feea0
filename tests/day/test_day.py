"""The six figures of a scripted day, and its dollars, equal what the script counted itself.

Given three models and five callers, when 2,000 calls are made of which some fail, one model is
replaced, one falls asleep and is woken, and the reconciler runs twice at once and is killed midway,
then what the functions have logged is what the callers have seen, by model and by caller, and the
ledger has the dollars of the provider's own meter.
"""

import os
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from infra.local.dashboard.__main__ import write_dashboard
from infra.local.dashboard.calls import Totals, by, by_caller, by_model, codes, totals
from infra.local.dashboard.dollars import dollars
from tests.day.calls import FRAGILE, MODELS, SLEEPY, STEADY, UNKNOWN, USERS
from tests.day.script import CALLS, Day

KEPT = "DAY_DASHBOARD"
"""Variable with the folder in which the day's dashboard is kept; without it, it is not."""
_ROUNDED_MS = 0.06
"""`Server-Timing` has tenths of a millisecond, the log hundredths."""
_DEVIATION = 0.01


def test_every_kind_of_call_was_made(day: Day) -> None:
    """Otherwise the figures would be equal for want of anything to count."""
    met = {(each.model, each.code) for each in day.made}

    assert CALLS == len(day.made)
    assert {(model, "") for model in MODELS} <= met
    assert {(STEADY, "invalid_input"), (UNKNOWN, "model_not_found")} <= met
    assert {(FRAGILE, "provider_error"), (SLEEPY, "model_warming_up")} <= met
    assert set(USERS) == {each.user for each in day.made}
    assert {"1", "2"} <= {each.version for each in day.made if each.model == STEADY}
    assert {("reconcile", "midway")} == day.crashes


def test_request_volume(day: Day) -> None:
    """In all, by model and by caller, and by both."""
    assert len(day.made) == totals(day.logged).calls
    assert Counter(each.model for each in day.made) == _calls(by_model(day.logged))
    assert Counter(each.user for each in day.made) == _calls(by_caller(day.logged))
    assert Counter((each.user, each.model) for each in day.made) == _calls(
        by(day.logged, lambda each: (each.user, each.model))
    )


def test_versions(day: Day) -> None:
    """Each prediction is logged for the version that the caller was told of."""
    answered = [each for each in day.logged if not each.code]

    assert Counter((each.model, each.version) for each in day.made if each.version) == _calls(
        by(answered, lambda each: (each.model, each.version))
    )


def test_response_time(day: Day) -> None:
    """Of each call the log has at least what the answer says, and at most what the caller saw."""
    logged = {each.request_id: each.latency_ms for each in day.logged}
    too_long = [each for each in day.made if logged[each.request_id] > each.client_ms]
    too_short = [
        each for each in day.made if logged[each.request_id] < each.server_ms - _ROUNDED_MS
    ]

    assert ([], []) == (too_long, too_short)


@pytest.mark.parametrize("what", ["model", "user"])
def test_average_response_time(day: Day, what: str) -> None:
    """The averages are those of the same calls, and no longer than the callers'."""
    logged = {each.request_id: each.latency_ms for each in day.logged}
    figures = by(day.logged, lambda each: getattr(each, what))

    for name, found in figures.items():
        made = [each for each in day.made if getattr(each, what) == name]
        average = fmean(logged[each.request_id] for each in made)
        assert average == pytest.approx(found.average_ms)
        assert found.average_ms <= fmean(each.client_ms for each in made)


def test_error_rate(day: Day) -> None:
    """Faults by model and by caller, and every refusal with its code."""
    faults = [each for each in day.made if each.is_fault]

    assert Counter(each.model for each in faults) == _faults(by_model(day.logged))
    assert Counter(each.user for each in faults) == _faults(by_caller(day.logged))
    assert Counter((each.code, each.status) for each in day.made) == codes(day.logged)
    assert 100 * len(faults) / len(day.made) == totals(day.logged).error_percent


def test_user_adoption(day: Day) -> None:
    """Distinct users, in all and of each model."""
    assert len(USERS) == totals(day.logged).users
    for model, found in by_model(day.logged).items():
        assert len({each.user for each in day.made if each.model == model}) == found.users


def test_models_deployed(day: Day) -> None:
    """Three, as soon as the first reconciliation saw them, and one endpoint each at the end."""
    counted = [value for _, value in day.reconciled.models]

    assert len(MODELS) == counted[-1]
    assert max(counted) == counted[-1]
    assert len(MODELS) == day.reconciled.endpoints[-1][1]


def test_ledger_equals_the_providers_meter(day: Day) -> None:
    """Within 1 %, in all and for each model, over a doubled reconciliation and a crashed one."""
    before, after = (_by_model(bill) for bill in day.bills)

    for model, usd in day.ledger.items():
        assert (1 - _DEVIATION) * before[model] <= usd <= (1 + _DEVIATION) * after[model], model
    assert (1 - _DEVIATION) * sum(before.values()) <= sum(day.ledger.values())
    assert sum(day.ledger.values()) <= (1 + _DEVIATION) * sum(after.values())


def test_spend_is_the_ledgers(day: Day) -> None:
    """The metric `SpendUsd` of the last reconciliation, and what the dashboard shows by model."""
    assert sum(day.ledger.values()) == pytest.approx(day.reconciled.usd[-1][1])
    assert day.ledger == dollars(day.system, now=datetime.now(UTC))


def test_dashboard(day: Day, tmp_path: Path) -> None:
    """The page is one file that loads nothing, and names every model and caller."""
    html, png = write_dashboard(day.system, folder=Path(os.environ.get(KEPT, tmp_path)))

    page = html.read_text()
    assert png.read_bytes().startswith(b"\x89PNG")
    assert all(f"<td>{name}</td>" in page for name in (*MODELS, *USERS))
    assert not any(word in page for word in ("<script", "<link", "<img", "src=", "@import"))


def _by_model(bill: Mapping[str, float]) -> Mapping[str, float]:
    return {
        model: sum(usd for name, usd in bill.items() if name.startswith(f"hokus-{model}-"))
        for model in MODELS
    }


def _calls(figures: Mapping[Any, Totals]) -> Mapping[Any, int]:
    return {name: each.calls for name, each in figures.items()}


def _faults(figures: Mapping[Any, Totals]) -> Mapping[Any, int]:
    return {name: each.faults for name, each in figures.items() if each.faults}

"""The handler: the night's run, a given day, and the metrics."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from functions.common.deployments.record import utc_now
from functions.usage import handler
from functions.usage.roll_up import NoSuchDayError, RolledUp, RollUp
from tests.events import LambdaContext
from tests.fakes.call_log import FakeCallLog
from tests.fakes.usage_store import FakeUsageStore
from tests.unit.usage.logged import a_line
from tests.wide_events import counted, wide_events

CALL = {"Latency": ANY, "Fault": 0}


class Context(LambdaContext):
    """Lambda's context, which also has the time that is left."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> FakeCallLog:
    """A log with two users today and one yesterday."""
    log, today = FakeCallLog(), utc_now().date()
    log.kept[today] = [a_line(), a_line(user="zoë")]
    log.kept[today - timedelta(days=2)] = [a_line(user="bob")]
    roll_up = RollUp(log=log, store=FakeUsageStore())
    monkeypatch.setattr(handler, "roll_up", lambda: roll_up)
    return log


def run(**event: Any) -> dict[str, Any]:
    context: Any = Context()
    return handler.lambda_handler(event, context)


def metrics(printed: str) -> dict[str, float]:
    """Return the metrics of the one call."""
    (event,) = wide_events(printed)
    assert "usage" == event["service"]
    return {name: value for name, value, _ in counted(event)}


def test_a_given_day_is_rolled_up(log: FakeCallLog, capsys: pytest.CaptureFixture[str]) -> None:
    """Today so far, with the metrics of adoption."""
    today = utc_now().date()

    answer = run(day=today.isoformat())

    assert [today] == log.read
    assert {
        "days": [{"day": today.isoformat(), "calls": 2}],
        "users_day": 2,
        "users_week": 2,
        "users_month": 2,
    } == answer
    users = {"UsersDay": 2, "UsersWeek": 2, "UsersMonth": 2}
    assert CALL | users == metrics(capsys.readouterr().out)


@pytest.mark.usefixtures("log")
def test_the_night_rolls_up_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """A run that has nothing to do counts nothing, and says so."""
    assert 7 == len(run()["days"])
    users = {"UsersDay": 0, "UsersWeek": 1, "UsersMonth": 1}
    assert CALL | users == metrics(capsys.readouterr().out)

    assert RolledUp(days={}, adoption=None).as_json() == run()
    assert CALL == metrics(capsys.readouterr().out)


@pytest.mark.usefixtures("log")
def test_an_earlier_day_has_no_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    """They would be taken for today's."""
    run(day=(utc_now().date() - timedelta(days=2)).isoformat())
    assert CALL == metrics(capsys.readouterr().out)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", 20261130.5, None])
def test_what_is_no_day_is_refused(day: object, capsys: pytest.CaptureFixture[str]) -> None:
    """In our own words, which Lambda logs; it is no fault of ours."""
    with pytest.raises(NoSuchDayError, match="is a date"):
        run(day=day)

    assert CALL == metrics(capsys.readouterr().out)

"""Calls through the whole function count as the model's by what became of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.record import TimelineEntry, utc_now
from functions.common.errors import (
    ConnectionFailedError,
    ModelFailedError,
    ModelRejectedInputError,
    ModelWarmingUpError,
)
from functions.common.outcomes.counts import CallCounts
from tests.unit.predict.test_handler import LIVE, Api

AT = utc_now() - timedelta(seconds=9)
JUST_NOW = TimelineEntry(step="activate", time=AT, outcome="activated")
NEW = replace(LIVE, timeline=(JUST_NOW,))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """A model that went live just now."""
    made = Api(monkeypatch)
    made.store.deployments[NEW.id] = NEW
    return made


def counted(api: Api) -> CallCounts:
    return api.counts.of(NEW.id)


def test_answers_and_faults_are_counted(api: Api) -> None:
    """A fault brings the calls before it along."""
    assert [200] * 3 == [api.call()[0] for _ in range(3)]
    api.client.error = ModelFailedError("It broke.")

    assert 502 == api.call()[0]

    assert CallCounts(4, 1) == counted(api)


def test_a_retried_call_counts_once_and_as_it_ended(api: Api) -> None:
    """A connection that was lost is no fault of a call that was answered."""
    api.client.script = [ConnectionFailedError("lost"), [0]]

    assert 200 == api.call()[0]

    assert 2 == len(api.client.sent)
    assert CallCounts(1, 0) == counted(api)


@pytest.mark.parametrize(
    ("error", "status", "calls"),
    [
        (ModelRejectedInputError("I do not like it."), 422, 1),
        (ModelWarmingUpError("It starts."), 503, 0),
    ],
    ids=["rejected", "warming up"],
)
def test_what_is_no_fault_of_the_model_is_none(
    api: Api, error: Exception, status: int, calls: int
) -> None:
    """The caller's own, or of an endpoint that has not answered yet."""
    api.client.error = error

    assert status == api.call()[0]

    assert CallCounts(calls, 0) == counted(api)


def test_a_table_that_is_down_costs_no_call(api: Api) -> None:
    """Callers get what they would have got."""
    api.counts.down = True

    assert [200] * 3 == [api.call()[0] for _ in range(3)]

    assert CallCounts() == counted(api)

"""Counting how calls end: what counts, when it is written, and what a store that is down costs."""

from datetime import timedelta

import pytest

from functions.common.deployments.record import Deployment, TimelineEntry
from functions.common.errors import (
    AnswerTooLargeError,
    CircuitOpenError,
    ConnectionFailedError,
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTimeoutError,
    ServiceError,
    ServiceUnavailableError,
)
from functions.common.outcomes.counts import QUARTER_S, CallCounts, quarter_of
from functions.predict.outcomes import (
    AT_THE_LATEST_S,
    ENOUGH_CALLS,
    OTHERWISE_S,
    UNAVAILABLE_FOR_S,
    WHILE_NEW_S,
    OutcomeCounter,
)
from tests.builders import NOON, a_live_deployment
from tests.fakes.call_counts import FakeCallCountStore
from tests.fakes.inference_client import FakeClock

WINDOW_S = 600.0
FAULTS = (
    ProviderError,
    ConnectionFailedError,
    ProviderDeniedError,
    AnswerTooLargeError,
    ModelFailedError,
    ProviderTimeoutError,
)
CALLERS = (ModelRejectedInputError, PayloadTooLargeError)
NO_CALLS = (
    ModelNotReadyError,
    ModelWarmingUpError,
    CircuitOpenError,
    ProviderRateLimitedError,
    ServiceUnavailableError,
)


def live_since(age_s: float) -> Deployment:
    """Return a deployment that went live *age_s* before noon."""
    at = NOON - timedelta(seconds=age_s)
    activated = TimelineEntry(step="activate", time=at, outcome="activated")
    return a_live_deployment(requested_at=at, timeline=(activated,))


NEW, OLD = live_since(1), live_since(WINDOW_S + 1)


class Environment:
    """An execution environment at noon."""

    def __init__(self, *, window_s: float = WINDOW_S) -> None:
        self.clock = FakeClock(NOON.timestamp())
        self.store = FakeCallCountStore()
        self.counter = OutcomeCounter(self.store, window_s=window_s, now=self.clock)

    def answered(self, deployment: Deployment, times: int = 1, *, every_s: float = 0) -> None:
        for _ in range(times):
            self.counter.answered(deployment)
            self.clock.sleep(every_s)

    def written(self, deployment: Deployment) -> CallCounts:
        return self.store.of(deployment.id)


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (FAULTS, CallCounts(1 + len(FAULTS), len(FAULTS))),
        (CALLERS, CallCounts(1 + len(CALLERS), 0)),
        (NO_CALLS, CallCounts(1, 0)),
    ],
    ids=["faults", "the caller's", "no calls"],
)
def test_errors_are_counted_by_whose_they_are(
    environment: Environment, errors: tuple[type[ServiceError], ...], expected: CallCounts
) -> None:
    """What never reached the endpoint is not counted."""
    for each in errors:
        environment.counter.failed(NEW, each("made up"))
    environment.clock.sleep(WHILE_NEW_S)
    environment.answered(NEW)

    assert expected == environment.written(NEW)


def test_a_fault_of_a_new_version_is_written_at_once(environment: Environment) -> None:
    """With the calls before it: nobody knows whether another call comes."""
    environment.answered(NEW, 9)

    environment.counter.failed(NEW, ModelFailedError("made up"))

    assert CallCounts(10, 1) == environment.written(NEW)


def test_calls_of_a_new_version_are_written_every_two_seconds(environment: Environment) -> None:
    """However many there are."""
    environment.answered(NEW, 1_000, every_s=0.01)

    assert 5 == environment.store.writes
    assert environment.written(NEW).calls > 1_000 - WHILE_NEW_S / 0.01 - 1


def test_an_older_version_is_written_once_a_minute(environment: Environment) -> None:
    """Also while it fails: it is only what a new one will be compared with."""
    for _ in range(6_000):
        environment.counter.failed(OLD, ModelFailedError("made up"))
        environment.clock.sleep(0.1)

    assert 600 / OTHERWISE_S == pytest.approx(environment.store.writes, abs=1)


@pytest.mark.parametrize(("every_s", "calls_a_write"), [(10.0, ENOUGH_CALLS), (100.0, 4)])
def test_few_calls_are_written_together(
    environment: Environment, every_s: float, calls_a_write: int
) -> None:
    """Twenty at once, or what has come in five minutes."""
    environment.answered(OLD, 400, every_s=every_s)

    assert 400 / calls_a_write == pytest.approx(environment.store.writes, rel=0.05)
    assert AT_THE_LATEST_S >= 3 * 100


def test_a_version_is_new_for_the_rollback_window(environment: Environment) -> None:
    """From its activation; one without a time of its own is not new."""
    for deployment in (live_since(WINDOW_S - 1), OLD, a_live_deployment()):
        environment.counter.failed(deployment, ModelFailedError("made up"))
        environment.store.kept.clear()

    assert 1 == environment.store.writes


def test_counts_go_to_the_quarter_of_their_writing(environment: Environment) -> None:
    """A quarter later, to the next one."""
    environment.answered(NEW)
    environment.clock.sleep(QUARTER_S)
    environment.answered(OLD)

    now = quarter_of(environment.clock())
    assert {(NEW.id, now - 1)} == set(environment.store.kept)


def test_a_store_that_is_down_costs_one_try_a_minute(environment: Environment) -> None:
    """And no call; counts are dropped meanwhile, and written again afterwards."""
    environment.store.down = True
    for _ in range(100):
        environment.counter.failed(NEW, ModelFailedError("made up"))

    assert 1 == environment.store.writes
    environment.store.down = False
    environment.clock.sleep(UNAVAILABLE_FOR_S)
    environment.counter.failed(NEW, ModelFailedError("made up"))
    assert CallCounts(1, 1) == environment.written(NEW)


def test_nothing_is_counted_without_automatic_rollback() -> None:
    """Or without a window for it."""
    environment = Environment(window_s=0)

    environment.counter.failed(NEW, ModelFailedError("made up"))

    assert 0 == environment.store.writes

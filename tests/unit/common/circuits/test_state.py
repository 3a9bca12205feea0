"""Circuit-breaker state of one endpoint, and the admission of the next call."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.circuits.state import (
    FAILURES_TO_OPEN,
    FAILURES_TO_SUSPECT,
    KNOWN_FOR_S,
    PROBE_INTERVAL_S,
    Admission,
    Circuit,
    CircuitState,
    Phase,
)

NOW = 1_800_000_000.0
ANSWERED = CircuitState().answered(NOW)
WARMING = CircuitState().asleep(NOW)


def failed_times(condition: CircuitState, times: int, *, at: float = NOW) -> CircuitState:
    for _ in range(times):
        condition = condition.failed(at, started_at=at)
    return condition


OPEN = failed_times(CircuitState(), FAILURES_TO_OPEN)


def test_the_first_call_is_the_probe():
    """The others wait for its result."""
    asked = CircuitState().claim_probe(NOW)

    assert Admission.PROBE is CircuitState().admission(NOW)
    assert Admission.WAIT is asked.admission(NOW)
    assert Admission.PROBE is asked.admission(NOW + PROBE_INTERVAL_S[Phase.CLOSED])


def test_calls_are_free_for_a_while_after_an_answer():
    """After KNOWN_FOR_S one of them is the probe."""
    assert Admission.FREE is ANSWERED.admission(NOW + KNOWN_FOR_S - 1)
    assert Admission.PROBE is ANSWERED.admission(NOW + KNOWN_FOR_S)


def test_some_failures_in_a_row_require_a_probe():
    """Fewer than FAILURES_TO_SUSPECT do not; the circuit stays closed."""
    tolerated = failed_times(ANSWERED, FAILURES_TO_SUSPECT - 1)
    doubted = failed_times(ANSWERED, FAILURES_TO_SUSPECT)

    assert Admission.FREE is tolerated.admission(NOW)
    assert Admission.PROBE is doubted.admission(NOW)
    assert Circuit.CLOSED is doubted.circuit(NOW)


def test_more_failures_open_the_circuit():
    """Calls are refused until the next probe is due."""
    assert Circuit.OPEN is OPEN.circuit(NOW)
    assert Admission.REFUSED is OPEN.admission(NOW + PROBE_INTERVAL_S[Phase.OPEN] - 1)
    assert Admission.PROBE is OPEN.admission(NOW + PROBE_INTERVAL_S[Phase.OPEN])


def test_a_half_open_circuit_has_one_probe():
    """Others are refused; a probe that never reports is followed by another."""
    later = NOW + PROBE_INTERVAL_S[Phase.OPEN]
    probed = OPEN.claim_probe(later)

    assert Circuit.HALF_OPEN is probed.circuit(later)
    assert Admission.REFUSED is probed.admission(later)
    assert Admission.PROBE is probed.admission(later + PROBE_INTERVAL_S[Phase.OPEN])


def test_a_failed_probe_opens_the_circuit_again():
    """For a whole interval from the failure."""
    probed = OPEN.claim_probe(NOW + 6).failed(NOW + 7, started_at=NOW + 6)

    assert Circuit.OPEN is probed.circuit(NOW + 7)
    assert NOW + 7 + PROBE_INTERVAL_S[Phase.OPEN] == probed.next_probe_at


def test_an_answered_probe_closes_the_circuit():
    """All calls are free at once."""
    closed = OPEN.claim_probe(NOW + 6).answered(NOW + 7)

    assert (Circuit.CLOSED, Admission.FREE) == (closed.circuit(NOW + 7), closed.admission(NOW + 7))
    assert 0 == closed.failures


def test_a_late_failure_does_not_count_after_a_recovery():
    """Calls that started during the outage fail after its end."""
    assert ANSWERED == ANSWERED.failed(NOW + 20, started_at=NOW - 5)


def test_a_released_probe_can_be_claimed_again():
    """The next call is the probe at once."""
    asked = CircuitState().claim_probe(NOW)

    assert Admission.PROBE is asked.release_probe(NOW + 0.1).admission(NOW + 0.1)


@pytest.mark.parametrize(
    ("condition", "phase"),
    [(WARMING, Phase.WARMING), (CircuitState().not_ready(NOW), Phase.NOT_READY)],
)
def test_a_starting_endpoint_is_probed_at_intervals(condition: CircuitState, phase: Phase):
    """A start is no failure, and the circuit stays closed."""
    assert Admission.REFUSED is condition.admission(NOW + PROBE_INTERVAL_S[phase] - 0.1)
    assert Admission.PROBE is condition.admission(NOW + PROBE_INTERVAL_S[phase])
    assert (Circuit.CLOSED, 0) == (condition.circuit(NOW), condition.failures)


def test_an_endpoint_that_was_answering_is_suspected_at_once():
    """The next call finds out whether one request was lost."""
    doubted = ANSWERED.suspect(NOW + 1)

    assert Admission.PROBE is doubted.admission(NOW + 1)
    assert Admission.FREE is doubted.answered(NOW + 2).admission(NOW + 2)


def woken(condition: CircuitState, *, at: float, after_s: float) -> CircuitState:
    """Return the state of an endpoint asleep since *at* that answers *after_s* later."""
    asleep = condition.asleep(at).asleep(at + after_s - 1)
    return asleep.answered(at + after_s)


def test_the_wake_up_time_is_averaged():
    """Over the endpoint's own wake-ups, the latest weighing most."""
    once = woken(CircuitState(), at=NOW, after_s=40)
    twice = woken(once, at=NOW + 1_000, after_s=20)

    assert (40.0, 30.0) == (once.wake_s, twice.wake_s)


def test_a_wake_up_that_nobody_watched_is_not_counted():
    """The endpoint was awake long before the call that noticed it."""
    assert None is WARMING.answered(NOW + 600).wake_s


@pytest.mark.parametrize(
    ("wake_s", "elapsed_s", "expected"),
    [(None, 0, 60), (40.0, 0, 40), (40.0, 30.5, 10), (40.0, 39.9, 1), (40.0, 60, 15)],
)
def test_retry_after_is_the_expected_wake_up(wake_s: float | None, elapsed_s: float, expected: int):
    """If that is overdue, it grows with the time elapsed."""
    condition = replace(CircuitState(wake_s=wake_s).asleep(NOW), next_probe_at=NOW)

    assert expected == condition.retry_after_s(NOW + elapsed_s, first_wake_s=60)


EVENTS = st.sampled_from(
    ["answered", "failed", "suspect", "asleep", "not_ready", "turn", "released"]
)


def after(condition: CircuitState, event: str, now: float) -> CircuitState:
    match event:
        case "failed":
            return condition.failed(now, started_at=now)
        case "turn" if condition.admission(now) is Admission.PROBE:
            return condition.claim_probe(now)
        case "turn":
            return condition
        case "released":
            return condition.release_probe(now)
    changed: CircuitState = getattr(condition, event)(now)
    return changed


@given(st.lists(st.tuples(EVENTS, st.floats(0, 100)), max_size=30))
def test_every_history_admits_a_probe_in_time(history: list[tuple[str, float]]):
    """Within the longest interval, after any events; an answer frees all calls."""
    now, condition = NOW, CircuitState()
    for event, passed_s in history:
        now += passed_s
        condition = after(condition, event, now)

    later = condition.admission(now + max(PROBE_INTERVAL_S.values()))
    assert later in {Admission.FREE, Admission.PROBE}
    assert Admission.FREE is condition.answered(now).admission(now)
    assert 1 <= condition.retry_after_s(now, first_wake_s=60) <= 300


@given(st.lists(st.tuples(EVENTS, st.floats(0, 100)), max_size=30))
def test_an_open_circuit_admits_one_call_at_a_time(history: list[tuple[str, float]]):
    """After any events, calls are refused while a probe is out."""
    now, condition = NOW, CircuitState()
    for event, passed_s in history:
        now += passed_s
        condition = after(condition, event, now)
        if condition.circuit(now) is Circuit.HALF_OPEN:
            assert Admission.REFUSED is condition.admission(now)


def test_a_check_changes_nothing_for_callers():
    """It is noted, at the latest time, and stays through whatever the callers learn."""
    checked = ANSWERED.checked(NOW + 5).checked(NOW)

    assert ANSWERED == replace(checked, checked_at=0.0)
    assert NOW + 5 == checked.checked_at == checked.asleep(NOW + 9).answered(NOW + 9).checked_at

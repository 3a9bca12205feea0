"""What is known of an endpoint, and what follows from it."""

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


def test_nobody_knows_an_endpoint_that_was_never_called():
    """The first call asks, and the others wait for what it finds out."""
    asked = CircuitState().claim_probe(NOW)

    assert Admission.PROBE is CircuitState().admission(NOW)
    assert Admission.WAIT is asked.admission(NOW)
    assert Admission.PROBE is asked.admission(NOW + PROBE_INTERVAL_S[Phase.CLOSED])


def test_calls_are_free_for_a_while_after_an_answer():
    """And then one of them asks again."""
    assert Admission.FREE is ANSWERED.admission(NOW + KNOWN_FOR_S - 1)
    assert Admission.PROBE is ANSWERED.admission(NOW + KNOWN_FOR_S)


def test_some_failures_in_a_row_raise_doubt():
    """A lost request does not, one more than the tolerated ones does; then one call at a time."""
    tolerated = failed_times(ANSWERED, FAILURES_TO_SUSPECT - 1)
    doubted = failed_times(ANSWERED, FAILURES_TO_SUSPECT)

    assert Admission.FREE is tolerated.admission(NOW)
    assert Admission.PROBE is doubted.admission(NOW)
    assert Circuit.CLOSED is doubted.circuit(NOW)


def test_more_failures_open_the_circuit():
    """Nobody calls until it is a prober's turn."""
    assert Circuit.OPEN is OPEN.circuit(NOW)
    assert Admission.REFUSED is OPEN.admission(NOW + PROBE_INTERVAL_S[Phase.OPEN] - 1)
    assert Admission.PROBE is OPEN.admission(NOW + PROBE_INTERVAL_S[Phase.OPEN])


def test_half_open_is_one_prober():
    """The others are refused meanwhile; a prober that never reports blocks nobody for long."""
    later = NOW + PROBE_INTERVAL_S[Phase.OPEN]
    probed = OPEN.claim_probe(later)

    assert Circuit.HALF_OPEN is probed.circuit(later)
    assert Admission.REFUSED is probed.admission(later)
    assert Admission.PROBE is probed.admission(later + PROBE_INTERVAL_S[Phase.OPEN])


def test_a_failed_probe_opens_the_circuit_again():
    """For the whole time, counted from the failure."""
    probed = OPEN.claim_probe(NOW + 6).failed(NOW + 7, started_at=NOW + 6)

    assert Circuit.OPEN is probed.circuit(NOW + 7)
    assert NOW + 7 + PROBE_INTERVAL_S[Phase.OPEN] == probed.next_probe_at


def test_an_answered_probe_closes_the_circuit():
    """All calls are free again at once."""
    closed = OPEN.claim_probe(NOW + 6).answered(NOW + 7)

    assert (Circuit.CLOSED, Admission.FREE) == (closed.circuit(NOW + 7), closed.admission(NOW + 7))
    assert 0 == closed.failures


def test_a_late_failure_says_nothing_about_a_recovered_endpoint():
    """RetryingClient from the time of the outage go on failing after its end."""
    assert ANSWERED == ANSWERED.failed(NOW + 20, started_at=NOW - 5)


def test_a_call_that_found_nothing_out_gives_its_turn_back():
    """The next one asks at once."""
    asked = CircuitState().claim_probe(NOW)

    assert Admission.PROBE is asked.release_probe(NOW + 0.1).admission(NOW + 0.1)


@pytest.mark.parametrize(
    ("condition", "phase"),
    [(WARMING, Phase.WARMING), (CircuitState().not_ready(NOW), Phase.NOT_READY)],
)
def test_what_has_a_reason_not_to_answer_is_asked_now_and_then(
    condition: CircuitState, phase: Phase
):
    """By one call at a time; that is no failure, and the circuit stays closed."""
    assert Admission.REFUSED is condition.admission(NOW + PROBE_INTERVAL_S[phase] - 0.1)
    assert Admission.PROBE is condition.admission(NOW + PROBE_INTERVAL_S[phase])
    assert (Circuit.CLOSED, 0) == (condition.circuit(NOW), condition.failures)


def test_what_has_just_answered_and_is_not_there_is_doubted_at_once():
    """The next call finds out whether it was one lost request."""
    doubted = ANSWERED.suspect(NOW + 1)

    assert Admission.PROBE is doubted.admission(NOW + 1)
    assert Admission.FREE is doubted.answered(NOW + 2).admission(NOW + 2)


def woken(condition: CircuitState, *, at: float, after_s: float) -> CircuitState:
    """Asleep since *at*, seen asleep again just before it answered *after_s* later."""
    asleep = condition.asleep(at).asleep(at + after_s - 1)
    return asleep.answered(at + after_s)


def test_the_time_of_a_wake_up_is_learnt():
    """From its own wake-ups, the latest counting most."""
    once = woken(CircuitState(), at=NOW, after_s=40)
    twice = woken(once, at=NOW + 1_000, after_s=20)

    assert (40.0, 30.0) == (once.wake_s, twice.wake_s)


def test_nothing_is_learnt_when_nobody_asked_for_a_while():
    """An endpoint that nobody called any more was awake long before it was found to be."""
    assert None is WARMING.answered(NOW + 600).wake_s


@pytest.mark.parametrize(
    ("wake_s", "elapsed_s", "expected"),
    [(None, 0, 60), (40.0, 0, 40), (40.0, 30.5, 10), (40.0, 39.9, 1), (40.0, 60, 15)],
)
def test_a_refused_caller_is_told_when_to_come_back(
    wake_s: float | None, elapsed_s: float, expected: int
):
    """When it is expected to be awake; when that is overdue, the longer it has taken the later."""
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
def test_no_history_locks_callers_out(history: list[tuple[str, float]]):
    """Whatever happened, within the longest turn somebody may ask again; an answer frees all."""
    now, condition = NOW, CircuitState()
    for event, passed_s in history:
        now += passed_s
        condition = after(condition, event, now)

    later = condition.admission(now + max(PROBE_INTERVAL_S.values()))
    assert later in {Admission.FREE, Admission.PROBE}
    assert Admission.FREE is condition.answered(now).admission(now)
    assert 1 <= condition.retry_after_s(now, first_wake_s=60) <= 300


@given(st.lists(st.tuples(EVENTS, st.floats(0, 100)), max_size=30))
def test_an_open_circuit_has_one_caller_at_a_time(history: list[tuple[str, float]]):
    """Whoever comes while a prober is out is refused."""
    now, condition = NOW, CircuitState()
    for event, passed_s in history:
        now += passed_s
        condition = after(condition, event, now)
        if condition.circuit(now) is Circuit.HALF_OPEN:
            assert Admission.REFUSED is condition.admission(now)

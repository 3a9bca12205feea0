"""When a new version is taken back: by its circuit, its faults and those of the version before."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.circuits.state import FAILURES_TO_OPEN, CircuitState
from functions.common.outcomes.counts import CallCounts
from functions.provision.rollback.rule import NewVersion, RollbackBounds, cause_to_take_back

BOUNDS = RollbackBounds(fault_share=0.02, min_calls=20)
NO_CALLS = CallCounts()
LOOKS = 40
"""Of a window of ten minutes, one every fifteen seconds."""


def counts(most: int = 2_000) -> st.SearchStrategy[CallCounts]:
    """Return counts of up to *most* calls."""
    return st.integers(0, most).flatmap(
        lambda calls: st.builds(CallCounts, st.just(calls), st.integers(0, calls))
    )


def cause(new: CallCounts, earlier: CallCounts = NO_CALLS) -> str | None:
    return cause_to_take_back(a_version(new, earlier), BOUNDS)


def a_version(new: CallCounts, earlier: CallCounts = NO_CALLS) -> NewVersion:
    return NewVersion(circuit=CircuitState(), counts=new, earlier_version="1", earlier=earlier)


def open_circuit() -> CircuitState:
    circuit = CircuitState()
    for second in range(FAILURES_TO_OPEN):
        circuit = circuit.failed(second + 1.0, started_at=second + 0.5)
    return circuit


@pytest.mark.parametrize(
    "earlier", [CallCounts(), CallCounts(1, 0), CallCounts(50, 0), CallCounts(9_999, 0)], ids=str
)
def test_five_faults_of_fifty_calls_are_enough(earlier: CallCounts) -> None:
    """Whether the version before had calls or not, while it had no fault."""
    expected = (
        "5 of its first 50 calls failed (10.0%); 2.0% are allowed, and version 1 had 0 in "
        f"{earlier.calls} before"
    )

    assert expected == cause(CallCounts(50, 5), earlier)


@pytest.mark.parametrize(
    ("new", "earlier"),
    [
        (CallCounts(50, 5), CallCounts(500, 50)),
        (CallCounts(50, 5), CallCounts(10, 1)),
        (CallCounts(2_000, 200), CallCounts(2_000, 190)),
        (CallCounts(20, 20), CallCounts(20, 20)),
    ],
    ids=str,
)
def test_a_version_as_bad_as_the_one_before_stays(new: CallCounts, earlier: CallCounts) -> None:
    """Going back would help nobody."""
    assert cause(new, earlier) is None


def test_a_version_that_is_worse_than_a_bad_one_is_taken_back() -> None:
    """Ten times as many faults."""
    assert cause(CallCounts(100, 20), CallCounts(1_000, 20))


@pytest.mark.parametrize(
    "new",
    [CallCounts(), CallCounts(19, 19), CallCounts(50, 3), CallCounts(1_000, 20)],
    ids=str,
)
def test_too_few_calls_or_faults_say_nothing(new: CallCounts) -> None:
    """A version with a share at the bound is not above it."""
    assert cause(new) is None


def test_an_open_circuit_is_enough() -> None:
    """Five failures in a row, of however few calls."""
    seen = replace(a_version(CallCounts(5, 5)), circuit=open_circuit())

    assert "its endpoint failed so often in a row" in (cause_to_take_back(seen, BOUNDS) or "")


@pytest.mark.parametrize(
    "circuit",
    [CircuitState().asleep(1.0), CircuitState().not_ready(1.0), open_circuit().answered(9.0)],
    ids=lambda each: each.phase.value,
)
def test_an_endpoint_that_starts_sleeps_or_answers_again_is_no_cause(circuit: CircuitState) -> None:
    """Nor is one that somebody has paused."""
    assert cause_to_take_back(replace(a_version(CallCounts(1, 0)), circuit=circuit), BOUNDS) is None


def test_a_changed_answer_is_enough() -> None:
    """However well its calls end."""
    seen = replace(a_version(CallCounts(99, 0)), changed_answer="its answer has changed")

    assert "its answer has changed" == cause_to_take_back(seen, BOUNDS)


@given(counts(), counts())
def test_it_takes_back_only_what_is_worse(new: CallCounts, earlier: CallCounts) -> None:
    """Its share is above the bound, and above that of the version before."""
    if cause(new, earlier):
        assert new.calls >= BOUNDS.min_calls
        assert new.share > BOUNDS.fault_share
        assert new.share > earlier.share


@given(counts(), counts(), st.integers(1, 50))
def test_a_further_fault_never_saves_a_version(
    new: CallCounts, earlier: CallCounts, more: int
) -> None:
    """As many calls, more of which fail."""
    worse = CallCounts(new.calls, min(new.calls, new.faults + more))

    assert bool(cause(new, earlier)) <= bool(cause(worse, earlier))


@given(counts(), counts(), st.integers(1, 50))
def test_a_further_fault_of_the_version_before_never_condemns_it(
    new: CallCounts, earlier: CallCounts, more: int
) -> None:
    """The worse the version before, the less there is to go back to."""
    worse = CallCounts(earlier.calls, min(earlier.calls, earlier.faults + more))

    assert bool(cause(new, worse)) <= bool(cause(new, earlier))


@pytest.mark.parametrize("share", [0.001, 0.005, 0.01, 0.05, 0.2])
def test_chance_takes_few_versions_back(share: float) -> None:
    """Both versions fail equally often, and the new one is looked at throughout its window: of 200
    at most ten."""
    draw = random.Random(round(share * 1_000))  # noqa: S311 - no secret
    taken_back = 0
    for _ in range(200):
        earlier = CallCounts(3_000, sum(draw.random() < share for _ in range(3_000)))
        new = CallCounts()
        for _ in range(LOOKS):
            new += CallCounts(15, sum(draw.random() < share for _ in range(15)))
            if cause(new, earlier):
                taken_back += 1
                break

    assert taken_back <= 10


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_a_bad_version_is_taken_back_for_certain(share: float) -> None:
    """Within 300 calls, by a version before it that was well."""
    draw = random.Random(7)  # noqa: S311 - no secret
    for _ in range(100):
        new = CallCounts()
        while not cause(new, CallCounts(3_000, 3)):
            new += CallCounts(5, sum(draw.random() < share for _ in range(5)))
            assert new.calls <= 300

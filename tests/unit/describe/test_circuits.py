"""The circuit breaker's state as it is shown, from the states that the environments share."""

import pytest

from functions.common.circuits.state import PROBE_INTERVAL_S, Circuit, CircuitState, Phase
from functions.describe.circuits import Circuits
from tests.fakes.circuit_states import FakeCircuitStateStore

OPENED_AT = 1_000.0


def test_a_circuit_without_a_stored_state_is_closed() -> None:
    """A new endpoint may be called."""
    states = Circuits(FakeCircuitStateStore(), now=lambda: OPENED_AT)

    assert Circuit.CLOSED == states.get("some-deployment")


@pytest.mark.parametrize(
    ("probing", "seconds_later", "expected"),
    [
        (False, 0.0, Circuit.OPEN),
        (True, 0.0, Circuit.HALF_OPEN),
        (True, PROBE_INTERVAL_S[Phase.OPEN] + 1, Circuit.OPEN),
    ],
)
def test_an_open_circuit_is_half_open_during_a_probe(
    probing: bool, seconds_later: float, expected: Circuit
) -> None:
    """It is open again when the probe has not reported in its interval."""
    store = FakeCircuitStateStore()
    seen = store.get("some-deployment")
    opened = CircuitState(
        phase=Phase.OPEN,
        probing=probing,
        since=OPENED_AT,
        next_probe_at=OPENED_AT + PROBE_INTERVAL_S[Phase.OPEN],
    )
    store.replace("some-deployment", seen, opened)

    states = Circuits(store, now=lambda: OPENED_AT + seconds_later)

    assert expected == states.get("some-deployment")


def test_circuits_are_closed_while_the_store_is_unavailable() -> None:
    """Calls go then, too."""
    store = FakeCircuitStateStore()
    store.down = True

    assert Circuit.CLOSED == Circuits(store).get("some-deployment")

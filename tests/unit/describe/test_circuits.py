"""The circuit breaker's state, as the shared conditions have it."""

import pytest

from functions.common.circuits.state import PROBE_INTERVAL_S, Circuit, CircuitState, Phase
from functions.describe.circuits import Circuits
from tests.fakes.circuit_states import FakeCircuitStateStore

OPENED_AT = 1_000.0


def test_an_endpoint_of_which_nothing_is_known_has_a_closed_circuit() -> None:
    """Calls go."""
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
def test_an_open_circuit_is_half_open_while_somebody_tries(
    probing: bool, seconds_later: float, expected: Circuit
) -> None:
    """For as long as the one who tries may take."""
    conditions = FakeCircuitStateStore()
    seen = conditions.get("some-deployment")
    opened = CircuitState(
        phase=Phase.OPEN,
        probing=probing,
        since=OPENED_AT,
        next_probe_at=OPENED_AT + PROBE_INTERVAL_S[Phase.OPEN],
    )
    conditions.replace("some-deployment", seen, opened)

    states = Circuits(conditions, now=lambda: OPENED_AT + seconds_later)

    assert expected == states.get("some-deployment")


def test_a_circuit_that_cannot_be_seen_is_closed() -> None:
    """As it is for the calls themselves then."""
    conditions = FakeCircuitStateStore()
    conditions.down = True

    assert Circuit.CLOSED == Circuits(conditions).get("some-deployment")

"""`ServingState` in memory."""

from functions.common.outcomes.serving_state import ServingState
from tests.fakes.call_counts import FakeCallCountStore
from tests.fakes.circuit_states import FakeCircuitStateStore


def a_serving_state() -> ServingState:
    """Return one in which nothing has been called."""
    return ServingState(circuits=FakeCircuitStateStore(), counts=FakeCallCountStore())

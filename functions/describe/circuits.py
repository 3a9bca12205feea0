"""Port and adapter: read the circuit breaker of a deployment, to show it to people."""

import time
from collections.abc import Callable
from typing import Protocol

from functions.common.circuits.state import Circuit
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError


class CircuitStates(Protocol):
    """The circuit breakers of all deployments."""

    def get(self, deployment_id: str) -> Circuit:
        """Return its present state."""
        ...


class SharedCircuitStates:
    """Read the states that all execution environments share."""

    def __init__(self, store: CircuitStateStore, *, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now

    def get(self, deployment_id: str) -> Circuit:
        """Return closed when the store is unavailable: no call is held back then."""
        try:
            return self._store.get(deployment_id).circuit(self._now())
        except CircuitStatesUnavailableError:
            return Circuit.CLOSED

"""The circuit breakers of deployments, as people see them."""

import time
from collections.abc import Callable

from functions.common.circuits.state import Circuit
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError


class Circuits:
    """Reads the state that all execution environments share."""

    def __init__(self, store: CircuitStateStore, *, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now

    def get(self, deployment_id: str) -> Circuit:
        """Return the circuit's state; closed when the store is unavailable: no call waits then."""
        try:
            return self._store.get(deployment_id).circuit(self._now())
        except CircuitStatesUnavailableError:
            return Circuit.CLOSED

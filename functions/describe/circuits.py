"""Port and adapter: the state of a deployment's circuit breaker, as people are shown it."""

import time
from collections.abc import Callable
from typing import Protocol

from functions.common.circuits.state import Circuit
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError


class CircuitStates(Protocol):
    """The circuit breakers of all deployments."""

    def of(self, deployment_id: str) -> Circuit:
        """How it stands now."""
        ...


class SharedCircuitStates:
    """See `CircuitStates`; out of the *conditions* that all execution environments share."""

    def __init__(
        self, conditions: CircuitStateStore, *, now: Callable[[], float] = time.time
    ) -> None:
        self._conditions = conditions
        self._now = now

    def of(self, deployment_id: str) -> Circuit:
        """Closed while the conditions are out of reach: every call goes then."""
        try:
            return self._conditions.of(deployment_id).circuit(self._now())
        except CircuitStatesUnavailableError:
            return Circuit.CLOSED

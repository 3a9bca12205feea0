"""Port: the circuit-breaker states that all execution environments share."""

from typing import Protocol

from functions.common.circuits.state import CircuitState


class CircuitStatesUnavailableError(Exception):
    """The states cannot be read or written now, which says nothing about any endpoint."""


class CircuitStateStore(Protocol):
    """The circuit-breaker state of every deployment's endpoint.

    Every method may raise CircuitStatesUnavailableError, within a second.
    """

    def get(self, deployment_id: str) -> CircuitState:
        """Return the current state; the default state when none is stored."""
        ...

    def replace(
        self, deployment_id: str, seen: CircuitState, new: CircuitState
    ) -> CircuitState | None:
        """Write *new* in place of *seen*, and return it with its new version.

        None, and nothing written, when another environment has written since *seen* was read.
        """
        ...

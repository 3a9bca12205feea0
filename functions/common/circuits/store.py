"""Port: where the execution environments share the conditions of endpoints."""

from typing import Protocol

from functions.common.circuits.state import CircuitState


class CircuitStatesUnavailableError(Exception):
    """They cannot be read or written now, which says nothing about any endpoint."""


class CircuitStateStore(Protocol):
    """The condition of every deployment's endpoint.

    Every method may raise CircuitStatesUnavailableError, within a second.
    """

    def of(self, deployment_id: str) -> CircuitState:
        """What is known now; the default condition when nothing is."""
        ...

    def replace(
        self, deployment_id: str, seen: CircuitState, new: CircuitState
    ) -> CircuitState | None:
        """Write *new* instead of *seen*, and return it as it then stands.

        None, and nothing written, when somebody else has written since *seen* was read.
        """
        ...

"""Port: where the execution environments share the conditions of endpoints."""

from typing import Protocol

from functions.common.circuits.state import Condition


class ConditionsUnavailableError(Exception):
    """They cannot be read or written now, which says nothing about any endpoint."""


class Conditions(Protocol):
    """The condition of every deployment's endpoint.

    Every method may raise ConditionsUnavailableError, within a second.
    """

    def of(self, deployment_id: str) -> Condition:
        """What is known now; the default condition when nothing is."""
        ...

    def replace(self, deployment_id: str, seen: Condition, new: Condition) -> Condition | None:
        """Write *new* instead of *seen*, and return it as it then stands.

        None, and nothing written, when somebody else has written since *seen* was read.
        """
        ...

"""The state that predictions share of endpoints, by which versions are judged."""

from dataclasses import dataclass

from functions.common.circuits.store import CircuitStateStore
from functions.common.outcomes.store import CallCountStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingState:
    """Circuits and counts of calls, by deployment."""

    circuits: CircuitStateStore
    counts: CallCountStore

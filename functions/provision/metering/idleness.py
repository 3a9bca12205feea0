"""Whether anybody uses an endpoint, by what predictions have noted for each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError
from functions.common.deployments.record import Deployment

IDLE_FOR = timedelta(minutes=15)
"""The least idle time after which Hugging Face puts an endpoint to sleep by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idleness:
    """Reads the circuits of deployments, where predictions write every 10 s that one answers."""

    circuits: CircuitStateStore
    now: Callable[[], datetime]

    def is_idle(self, deployment: Deployment) -> bool:
        """Return whether nobody has called the endpoint of *deployment*, which is live, for
        `IDLE_FOR`; it is not while that is not known, and not when it has just become live."""
        now = self.now()
        if now - deployment.updated_at < IDLE_FOR:
            return False
        try:
            state = self.circuits.get(deployment.id)
        except CircuitStatesUnavailableError:
            return False
        last = max(state.answered_at, state.since, state.next_probe_at)
        return now.timestamp() - last >= IDLE_FOR.total_seconds()

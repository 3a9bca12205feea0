"""This execution environment's copy of the shared circuit-breaker states."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.common.circuits.state import Admission, CircuitState
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError
from functions.common.deployments.record import Deployment

REFUSAL_MAX_AGE_S = 1.0
"""Seconds for which a refusal is repeated without a read."""
UNAVAILABLE_FOR_S = 5.0
"""Seconds without a call of the store after it failed."""
_WRITE_ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A state change that this environment has written, at *at* (Unix seconds)."""

    deployment: Deployment
    before: CircuitState
    after: CircuitState
    at: float


class CircuitStateCache:
    """Reads and updates states. Never raises for a store that is down: a breaker must not break.

    Attributes:
        latest: The state last read or written, by deployment id.
    """

    def __init__(
        self,
        store: CircuitStateStore,
        *,
        on_transition: Callable[[Transition], None],
        now: Callable[[], float],
    ) -> None:
        self.latest: dict[str, CircuitState] = {}
        self._store = store
        self._on_transition = on_transition
        self._now = now
        self._read_at: dict[str, float] = {}
        self._unavailable_until = 0.0

    @property
    def store_unavailable(self) -> bool:
        """True for `UNAVAILABLE_FOR_S` after the store failed."""
        return self._now() < self._unavailable_until

    def read(self, deployment: Deployment) -> CircuitState | None:
        """Return the state; one that refuses calls may be a second old. None: unavailable."""
        now, latest = self._now(), self.latest.get(deployment.id)
        is_recent = now - self._read_at.get(deployment.id, 0.0) < REFUSAL_MAX_AGE_S
        if latest and is_recent and latest.admission(now) is Admission.REFUSED:
            return latest
        return self._fetch(deployment)

    def replace(self, deployment: Deployment, seen: CircuitState, new: CircuitState) -> bool:
        """Write *new* unless another environment has written since *seen*, or the store is down."""
        try:
            written = self._store.replace(deployment.id, seen, new)
        except CircuitStatesUnavailableError:
            self._set_unavailable()
            return False
        if written is None:
            return False
        self._keep(deployment, written)
        self._on_transition(
            Transition(deployment=deployment, before=seen, after=written, at=self._now())
        )
        return True

    def update(
        self, deployment: Deployment, change: Callable[[CircuitState], CircuitState]
    ) -> CircuitState:
        """Apply *change* to the state, whoever else writes meanwhile, and return the result.

        The result is not stored while the store is unavailable.
        """
        seen = self.latest.get(deployment.id) or CircuitState()
        new = change(seen)
        for _ in range(_WRITE_ATTEMPTS):
            if self.store_unavailable or new == seen or self.replace(deployment, seen, new):
                break
            if (fetched := self._fetch(deployment)) is None:
                break
            seen, new = fetched, change(fetched)
        return new

    def _fetch(self, deployment: Deployment) -> CircuitState | None:
        if self.store_unavailable:
            return None
        try:
            state = self._store.get(deployment.id)
        except CircuitStatesUnavailableError:
            self._set_unavailable()
            return None
        self._keep(deployment, state)
        return state

    def _keep(self, deployment: Deployment, state: CircuitState) -> None:
        self.latest[deployment.id] = state
        self._read_at[deployment.id] = self._now()

    def _set_unavailable(self) -> None:
        self._unavailable_until = self._now() + UNAVAILABLE_FOR_S

"""One execution environment's view of the shared conditions, which may be out of reach."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.common.circuits.state import Admission, CircuitState
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError
from functions.common.deployments.record import Deployment

REFUSALS_KEPT_S = 1.0
"""How long a refusal is repeated without asking whether things have changed."""
BLIND_FOR_S = 5.0
"""How long the shared conditions are left alone after they failed."""
_WRITE_ATTEMPTS = 4

type Change = Callable[[CircuitState], CircuitState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of a condition, told by the one environment that wrote it; *at* is Unix seconds."""

    deployment: Deployment
    before: CircuitState
    after: CircuitState
    at: float


class View:
    """Reads and changes conditions; None stands for what could not be read or written.

    A breaker must not be what breaks: nothing here raises because the table is down.
    """

    def __init__(
        self,
        conditions: CircuitStateStore,
        *,
        on_transition: Callable[[Transition], None],
        now: Callable[[], float],
    ) -> None:
        self._conditions = conditions
        self._on_transition = on_transition
        self._now = now
        self._seen: dict[str, tuple[float, CircuitState]] = {}
        self._blind_until = 0.0

    @property
    def is_blind(self) -> bool:
        """Whether the conditions failed a moment ago, and are not asked for."""
        return self._now() < self._blind_until

    def last_seen(self, deployment: Deployment) -> CircuitState | None:
        """Without asking."""
        return self._seen.get(deployment.id, (0.0, None))[1]

    def look(self, deployment: Deployment) -> CircuitState | None:
        """The condition now; one that refuses calls may be a second old."""
        now = self._now()
        seen_at, seen = self._seen.get(deployment.id, (0.0, None))
        if seen and now - seen_at < REFUSALS_KEPT_S and seen.admission(now) is Admission.REFUSED:
            return seen
        return None if self.is_blind else self._read(deployment)

    def replace(
        self, deployment: Deployment, seen: CircuitState, new: CircuitState
    ) -> CircuitState | None:
        """What stands now if *seen* still stood; None when somebody was faster."""
        try:
            written = self._conditions.replace(deployment.id, seen, new)
        except CircuitStatesUnavailableError:
            self._blinded()
            return None
        if written:
            self._saw(deployment, written)
            self._on_transition(
                Transition(deployment=deployment, before=seen, after=written, at=self._now())
            )
        return written

    def change(self, deployment: Deployment, change: Change) -> CircuitState | None:
        """Change the condition, whoever else changes it meanwhile."""
        seen = self.last_seen(deployment) or CircuitState()
        for _ in range(_WRITE_ATTEMPTS):
            if self.is_blind or (new := change(seen)) == seen:
                return seen
            if written := self.replace(deployment, seen, new):
                return written
            if self.is_blind or (read := self._read(deployment)) is None:
                return None
            seen = read
        return None

    def _read(self, deployment: Deployment) -> CircuitState | None:
        try:
            condition = self._conditions.of(deployment.id)
        except CircuitStatesUnavailableError:
            self._blinded()
            return None
        self._saw(deployment, condition)
        return condition

    def _saw(self, deployment: Deployment, condition: CircuitState) -> None:
        self._seen[deployment.id] = (self._now(), condition)

    def _blinded(self) -> None:
        self._blind_until = self._now() + BLIND_FOR_S

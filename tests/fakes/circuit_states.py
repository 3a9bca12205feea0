"""In-memory `CircuitStateStore`; tests/contract runs the same tests on the real one."""

from dataclasses import replace
from threading import Lock

from functions.common.circuits.state import CircuitState
from functions.common.circuits.store import CircuitStatesUnavailableError


class FakeCircuitStateStore:
    """One object for all environments.

    Set `down` to make every call fail; `reads` and `writes` count calls.
    """

    def __init__(self) -> None:
        self.kept: dict[str, CircuitState] = {}
        self.down = False
        self.reads = self.writes = 0
        self._lock = Lock()

    def get(self, deployment_id: str) -> CircuitState:
        self._check()
        self.reads += 1
        return self.kept.get(deployment_id, CircuitState())

    def replace(
        self, deployment_id: str, seen: CircuitState, new: CircuitState
    ) -> CircuitState | None:
        self._check()
        with self._lock:
            self.writes += 1
            if self.kept.get(deployment_id, CircuitState()).version != seen.version:
                return None
            self.kept[deployment_id] = written = replace(new, version=seen.version + 1)
        return written

    def _check(self) -> None:
        if self.down:
            raise CircuitStatesUnavailableError("down")

"""`Conditions` in memory; tests/contract holds it to the real one."""

from dataclasses import replace
from threading import Lock

from functions.common.circuits.state import Condition
from functions.common.circuits.store import ConditionsUnavailableError


class FakeConditions:
    """Shared by all who hold it. `down` lets every call fail; `reads` and `writes` count."""

    def __init__(self) -> None:
        self.kept: dict[str, Condition] = {}
        self.down = False
        self.reads = self.writes = 0
        self._lock = Lock()

    def of(self, deployment_id: str) -> Condition:
        self._check()
        self.reads += 1
        return self.kept.get(deployment_id, Condition())

    def replace(self, deployment_id: str, seen: Condition, new: Condition) -> Condition | None:
        self._check()
        with self._lock:
            self.writes += 1
            if self.kept.get(deployment_id, Condition()).version != seen.version:
                return None
            self.kept[deployment_id] = written = replace(new, version=seen.version + 1)
        return written

    def _check(self) -> None:
        if self.down:
            raise ConditionsUnavailableError("down")

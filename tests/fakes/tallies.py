"""In-memory `TallyStore`; tests/contract runs the same tests on the real one."""

from threading import Lock

from functions.common.agreements.store import TalliesUnavailableError
from functions.common.agreements.tally import ComparedCall, Tally


class FakeTallyStore:
    """Counts by candidate and live deployment in `kept`; set `down` to make every call fail."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Tally] = {}
        self.down = False
        self._lock = Lock()

    def get(self, candidate_id: str, live_id: str) -> Tally:
        self._check()
        return self.kept.get((candidate_id, live_id), Tally())

    def add(self, candidate_id: str, live_id: str, call: ComparedCall) -> None:
        self._check()
        with self._lock:
            key = candidate_id, live_id
            self.kept[key] = self.kept.get(key, Tally()).with_call(call)

    def _check(self) -> None:
        if self.down:
            raise TalliesUnavailableError("down")

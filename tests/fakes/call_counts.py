"""In-memory `CallCountStore`; tests/contract runs the same tests on the real one."""

from collections import defaultdict
from collections.abc import Collection

from functions.common.outcomes.counts import CallCounts
from functions.common.outcomes.store import CallCountsUnavailableError


class FakeCallCountStore:
    """One object for all environments.

    Set `down` to make every call fail; `writes` counts those that were tried.
    """

    def __init__(self) -> None:
        self.kept: defaultdict[tuple[str, int], CallCounts] = defaultdict(CallCounts)
        self.down = False
        self.writes = 0

    def add(self, deployment_id: str, quarter: int, counts: CallCounts) -> None:
        self.writes += 1
        self._check()
        self.kept[deployment_id, quarter] += counts

    def total(self, deployment_id: str, quarters: Collection[int]) -> CallCounts:
        self._check()
        found = (self.kept.get((deployment_id, each), CallCounts()) for each in quarters)
        return sum(found, CallCounts())

    def of(self, deployment_id: str) -> CallCounts:
        """Return all counts of a deployment."""
        found = (counts for (id_, _), counts in self.kept.items() if id_ == deployment_id)
        return sum(found, CallCounts())

    def _check(self) -> None:
        if self.down:
            raise CallCountsUnavailableError("down")

"""`WaitCounts` in memory; tests/contract runs the same tests on DynamoDB."""

from collections import Counter

from functions.predict.resilience.wait_limit import WaitCountsUnavailableError


class FakeWaitCounts:
    """Counts by id; set `unavailable` to make every call fail."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.unavailable = False

    def add(self, id_: str, *, limit: int, keep_s: float) -> bool:  # noqa: ARG002 - the port's
        if self.unavailable:
            raise WaitCountsUnavailableError
        if self.counts[id_] >= limit:
            return False
        self.counts[id_] += 1
        return True

"""Port: where compared calls are counted."""

from typing import Protocol

from functions.common.agreements.tally import ComparedCall, Tally


class TalliesUnavailableError(Exception):
    """The counts cannot be read or written now."""


class TallyStore(Protocol):
    """The counts of every comparison, by candidate and live deployment.

    Every method may raise TalliesUnavailableError.
    """

    def get(self, candidate_id: str, live_id: str) -> Tally:
        """Return the counts; all are 0 when no call was compared."""
        ...

    def add(self, candidate_id: str, live_id: str, call: ComparedCall) -> None:
        """Count *call*; calls that are counted at the same time are all counted."""
        ...

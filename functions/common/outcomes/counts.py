"""Counts of calls, and the quarters of an hour that they are kept by. Pure."""

from dataclasses import dataclass

QUARTER_S = 900


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Calls that reached an endpoint.

    Attributes:
        faults: Those that failed by the model's or the endpoint's fault, not by the caller's.
    """

    calls: int = 0
    faults: int = 0

    def __add__(self, other: "CallCounts") -> "CallCounts":
        return CallCounts(self.calls + other.calls, self.faults + other.faults)

    @property
    def share(self) -> float:
        """Return the share of faults; 0 without calls."""
        return self.faults / self.calls if self.calls else 0.0


def quarter_of(unix_s: float) -> int:
    """Return the number of the quarter of an hour since 1970."""
    return int(unix_s // QUARTER_S)


def quarters_between(start_s: float, end_s: float, *, at_most: int) -> list[int]:
    """Return the quarters from *start_s* to *end_s*, in Unix seconds, both included; of more than
    *at_most* the last ones."""
    first, last = quarter_of(start_s), quarter_of(end_s)
    return list(range(max(first, last - at_most + 1), last + 1))

"""Figures of calls, and those of a model's day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

_US_PER_MS = 1000
_DIGITS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums over calls. All are whole numbers: a sum is the same in whatever order it is made.

    Attributes:
        calls: All, those that were not answered among them.
        faults: Failed by our or the provider's fault (status 500 or more).
        refusals: Failed by the caller's (status 400 to 499).
        latency_us: Microseconds from arrival to answer.
        provider_us: Microseconds of them in which the endpoint was waited for.
        bytes_in, bytes_out: Bodies of requests and answers.
    """

    calls: int = 0
    faults: int = 0
    refusals: int = 0
    latency_us: int = 0
    provider_us: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    @property
    def predictions(self) -> int:
        """Calls that were answered with predictions."""
        return self.calls - self.faults - self.refusals

    @property
    def average_ms(self) -> float | None:
        """Average milliseconds of a call; None without calls."""
        return _average_ms(self.latency_us, self.calls)

    @property
    def average_provider_ms(self) -> float | None:
        """Average milliseconds of a call in which the endpoint was waited for; None as above."""
        return _average_ms(self.provider_us, self.calls)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            calls=self.calls + other.calls,
            faults=self.faults + other.faults,
            refusals=self.refusals + other.refusals,
            latency_us=self.latency_us + other.latency_us,
            provider_us=self.provider_us + other.provider_us,
            bytes_in=self.bytes_in + other.bytes_in,
            bytes_out=self.bytes_out + other.bytes_out,
        )


NONE = Figures()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDay:
    """Calls of a model on a day in UTC.

    Attributes:
        complete: The day was over, and its log complete, when it was counted.
        users: By the caller's user id.
        others: Of users that are not in `users`, since an item has a limited size.
    """

    model_id: str
    day: date
    complete: bool
    users: Mapping[str, Figures] = field(default_factory=dict)
    others: Figures = NONE

    @property
    def total(self) -> Figures:
        """Figures of all users."""
        return sum(self.users.values(), self.others)


def busiest_first(users: Mapping[str, Figures]) -> list[tuple[str, Figures]]:
    """Return *users* by the time for which they kept endpoints busy, then by their calls."""
    return sorted(users.items(), key=lambda each: (-each[1].provider_us, -each[1].calls, each[0]))


def _average_ms(microseconds: int, calls: int) -> float | None:
    return round(microseconds / calls / _US_PER_MS, _DIGITS) if calls else None

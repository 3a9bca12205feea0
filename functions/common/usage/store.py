"""Port: where usage is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from functions.common.usage.figures import ModelDay


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersOfDay:
    """Users of all models on a day in UTC. It is written after the models' days: where it is
    complete, they are.

    Attributes:
        calls: Of all users.
        hashes: See `DistinctUsers`.
    """

    day: date
    complete: bool
    calls: int = 0
    hashes: tuple[int, ...] = ()


class UsageStore(Protocol):
    """Usage by day. A write replaces the whole day, so that a repeated one changes nothing.

    A day is never replaced by one with fewer calls: of two runs the one that has read more of the
    log stays, and one that reads a log that has expired in part leaves no gap. Days expire after
    13 months. Every method may raise StoreBusyError.
    """

    def write(self, day: ModelDay) -> bool:
        """Replace a model's day; False, and nothing written, when the stored one has more calls.

        The users with the least share, beyond what an item holds, go into `others`.
        """
        ...

    def days(self, model_id: str, first: date, last: date) -> Sequence[ModelDay]:
        """Return the model's days from *first* to *last*, in order, without those that are not
        stored or cannot be read. May be a moment old."""
        ...

    def write_users(self, day: UsersOfDay) -> bool:
        """Replace the users of a day; False as with `write`."""
        ...

    def users(self, first: date, last: date) -> Sequence[UsersOfDay]:
        """Return the users of the days from *first* to *last*, as `days` does."""
        ...

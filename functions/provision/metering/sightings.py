"""From two looks at an endpoint to the time in between that is paid for. Pure.

A provider shows what is, not what was: where an endpoint fell asleep or woke between two looks, the
moment is known from elsewhere (see `evidence`), or is taken to be in the middle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.common.ledger.months import month_end, month_start

CLOCKS_DIFFER = timedelta(seconds=2)
"""The most by which the provider's clock, or that of a prediction, is taken to differ from ours."""
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A look at an endpoint.

    Attributes:
        usd_per_hour: With all replicas that are paid for; 0 while it sleeps, is paused or gone.
        sleeps_at: See `EndpointCost`.
    """

    at: datetime
    usd_per_hour: float
    sleeps_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Time that is paid for, at a constant price."""

    start: datetime
    end: datetime
    usd_per_hour: float

    def usd_in(self, month: str) -> float:
        """Return what the part of it that lies in *month* costs."""
        start, end = max(self.start, month_start(month)), min(self.end, month_end(month))
        return self.usd_per_hour * max(0.0, (end - start).total_seconds()) / _HOUR_S


def billed_between(
    before: Sighting,
    after: Sighting,
    *,
    stopped_at: datetime | None = None,
    started_at: datetime | None = None,
    running_usd_per_hour: float = 0.0,
) -> Iterator[Interval]:
    """Yield the paid time from *before* to *after*; none when *after* is not later.

    *stopped_at* and *started_at* are when it fell asleep or was stopped, and when it woke or was
    resumed, as far as known; what lies outside of the two looks counts as not known. One that
    rested at both looks may have run in between, for *running_usd_per_hour*.
    """
    if after.at <= before.at:
        return
    stopped_at = _within(stopped_at, before, after)
    started_at = _within(started_at, before, after)
    if started_at == before.at and stopped_at is None:
        # Whatever happened then, it was seen at rest afterwards.
        started_at = None
    middle = before.at + (after.at - before.at) / 2
    was, is_ = before.usd_per_hour, after.usd_per_hour
    if was and is_ and stopped_at and started_at and stopped_at < started_at:
        yield Interval(start=before.at, end=stopped_at, usd_per_hour=was)
        yield Interval(start=started_at, end=after.at, usd_per_hour=is_)
    elif was and is_:
        # Where replicas came or went in between, half the time is as good a guess as any.
        yield Interval(start=before.at, end=after.at, usd_per_hour=(was + is_) / 2)
    elif was:
        yield Interval(start=before.at, end=stopped_at or middle, usd_per_hour=was)
    elif is_:
        yield Interval(start=started_at or middle, end=after.at, usd_per_hour=is_)
    elif started_at and stopped_at and started_at < stopped_at:
        yield Interval(start=started_at, end=stopped_at, usd_per_hour=running_usd_per_hour)


def _within(moment: datetime | None, before: Sighting, after: Sighting) -> datetime | None:
    if moment is None or not before.at - CLOCKS_DIFFER <= moment <= after.at + CLOCKS_DIFFER:
        return None
    return min(max(moment, before.at), after.at)

"""Charges paid time to the months that it lies in. Pure.

A month is charged from how it was left: the same look again adds nothing, and of two runs that
start from the same month only one is written (see `Ledger`).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.ledger.model_month import USD_DIGITS, EndpointCost, ModelMonth
from functions.common.ledger.months import month_end, month_start
from functions.provision.metering.sightings import Interval, Sighting

_SHOWN_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAccount:
    """A model's present month and the one before it, as they are read and changed."""

    earlier: ModelMonth
    present: ModelMonth

    def last_sighting(self, name: str) -> Sighting | None:
        """Return how the endpoint was last seen; None: never."""
        cost = self.present.endpoints.get(name) or self.earlier.endpoints.get(name)
        if cost is None:
            return None
        return Sighting(at=cost.seen_at, usd_per_hour=cost.usd_per_hour, sleeps_at=cost.sleeps_at)

    def is_counted(self, name: str) -> bool:
        """Return whether the endpoint is known."""
        return name in self.present.endpoints or name in self.earlier.endpoints

    def charged_names(self) -> set[str]:
        """Return the endpoints that something is, or was to be, charged for: not those whose costs
        went over to another model."""
        months = (self.earlier, self.present)
        return {
            name
            for month in months
            for name, cost in month.endpoints.items()
            if cost.usd or not cost.ended
        }

    def open_names(self) -> set[str]:
        """Return the endpoints that stood when they were last seen."""
        found = {name for name, cost in self.present.endpoints.items() if not cost.ended}
        return found | {
            name
            for name, cost in self.earlier.endpoints.items()
            if not cost.ended and name not in self.present.endpoints
        }

    def charged(
        self, name: str, after: Sighting, intervals: Collection[Interval], *, ended: bool
    ) -> "CostAccount":
        """Return the account with *intervals* of the endpoint *name*, which *after* was seen so."""
        cost = self.present.endpoints.get(name)
        earlier = self.earlier
        if cost is None:
            earlier = self._earlier_charged(name, after, intervals)
        since = cost.since if cost else _since(self.present.month, intervals, after)
        changed = EndpointCost(
            usd=_added(cost, intervals, self.present.month),
            since=since,
            seen_at=after.at,
            usd_per_hour=after.usd_per_hour,
            sleeps_at=after.sleeps_at,
            ended=ended,
        )
        return CostAccount(earlier=earlier, present=_with(self.present, name, changed))

    def _earlier_charged(
        self, name: str, after: Sighting, intervals: Collection[Interval]
    ) -> ModelMonth:
        """Return the month before, complete: it keeps how the endpoint was last seen in it, from
        where the present one goes on until it is written."""
        month = self.earlier.month
        cost = self.earlier.endpoints.get(name)
        if cost and cost.ended:
            return self.earlier
        if cost:
            complete = replace(cost, usd=_added(cost, intervals, month), ended=True)
            return _with(self.earlier, name, complete)
        usd = _added(None, intervals, month)
        if not usd:
            return self.earlier
        first = EndpointCost(
            usd=usd,
            since=_since(month, intervals, after),
            seen_at=month_end(month),
            usd_per_hour=after.usd_per_hour,
            ended=True,
        )
        return _with(self.earlier, name, first)


def shown_today(month: ModelMonth, now: datetime) -> ModelMonth:
    """Return *month* with the figure that is shown on this day, which stands until tomorrow; less
    than a cent is not shown."""
    if month.shown_on == now.date():
        return month
    shown = round(month.usd, _SHOWN_DIGITS) or None
    return replace(month, shown_usd=shown, shown_on=now.date())


def moved(source: ModelMonth, to: ModelMonth, names: Collection[str]) -> tuple[ModelMonth, ...]:
    """Return both with the costs of the endpoints *names* under the second; the first keeps their
    names, so that its records are not charged anew. What the second is charged for stays."""
    costs = {name: source.endpoints[name] for name in names}
    left = {
        name: replace(cost, usd=0.0, usd_per_hour=0.0, ended=True) for name, cost in costs.items()
    }
    own = {name: cost for name, cost in to.endpoints.items() if cost.usd or not cost.ended}
    return (
        replace(source, endpoints={**source.endpoints, **left}),
        replace(to, endpoints={**to.endpoints, **costs, **own}),
    )


def _added(cost: EndpointCost | None, intervals: Collection[Interval], month: str) -> float:
    more = sum(each.usd_in(month) for each in intervals)
    return round((cost.usd if cost else 0.0) + more, USD_DIGITS)


def _since(month: str, intervals: Collection[Interval], after: Sighting) -> datetime:
    first = min((each.start for each in intervals), default=after.at)
    return max(first, month_start(month))


def _with(month: ModelMonth, name: str, cost: EndpointCost) -> ModelMonth:
    return replace(month, endpoints={**month.endpoints, name: cost})

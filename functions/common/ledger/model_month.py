"""What a model's endpoints have cost in a month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from functions.common.ledger.months import month_end

USD_DIGITS = 9
"""Digits after the point that are kept: a second of the smallest machine costs 0.000009 USD."""
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCost:
    """Cost of one endpoint in a month, and how it was last seen, from where counting goes on.

    Attributes:
        usd: Charged from `since` until `seen_at`.
        since: Start of the month, or of the endpoint.
        seen_at: When it was last seen; all before is charged.
        usd_per_hour: What it cost then, with all replicas that were paid for; 0 while it slept, was
            paused or had failed.
        sleeps_at: When it falls asleep unless it is called, by its last use as known then; None
            when it never sleeps, or that is not known.
        ended: Nothing more will be charged in this month: the endpoint is gone, or the month over.
    """

    usd: float
    since: datetime
    seen_at: datetime
    usd_per_hour: float
    sleeps_at: datetime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMonth:
    """Costs of a model in a month.

    Attributes:
        endpoints: By the endpoints' names, those that are gone among them: none is charged twice.
        shown_usd: `usd` when it was counted first on the day `shown_on`: what is shown where each
            change of the figure costs something, as in the registry's tags.
        version: Number of writes; 0: nothing is stored yet.
    """

    model_id: str
    month: str
    endpoints: Mapping[str, EndpointCost] = field(default_factory=dict)
    shown_usd: float | None = None
    shown_on: date | None = None
    version: int = 0

    @property
    def usd(self) -> float:
        """Dollars so far."""
        return round(sum(each.usd for each in self.endpoints.values()), USD_DIGITS)

    @property
    def counted_until(self) -> datetime | None:
        """When an endpoint was last looked at; None before the first time."""
        return max((each.seen_at for each in self.endpoints.values()), default=None)

    def forecast_usd(self) -> float:
        """Return the dollars of the whole month, if it goes on as it did since its first dollar.

        So an endpoint that sleeps at night is expected to sleep at night. Where no endpoint stands
        any more, nothing is added.
        """
        standing = [each for each in self.endpoints.values() if not each.ended]
        if not standing:
            return self.usd
        first = min(each.since for each in self.endpoints.values())
        until = max(each.seen_at for each in standing)
        counted_s = (until - first).total_seconds()
        left_s = max(0.0, (month_end(self.month) - until).total_seconds())
        if counted_s > 0:
            more = self.usd * left_s / counted_s
        else:
            more = sum(each.usd_per_hour for each in standing) * left_s / _HOUR_S
        return round(self.usd + more, USD_DIGITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTotal:
    """Dollars of all models in a month.

    Attributes:
        warned_percent: The highest share of the budget that people were warned of; 0: none.
        version: Number of writes; 0: nothing is stored yet.
    """

    month: str
    usd: float = 0.0
    warned_percent: int = 0
    version: int = 0

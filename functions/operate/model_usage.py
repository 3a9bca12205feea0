"""What a model's callers have done and what it cost, as operators see it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.common.deployments.record import utc_now
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import ModelNotFoundError
from functions.common.ledger.model_month import ModelMonth
from functions.common.ledger.months import month_end, month_of
from functions.common.ledger.store import Ledger
from functions.common.usage.costs import CostShares, cost_shares, summed, usd_per_thousand
from functions.common.usage.figures import Figures, ModelDay
from functions.common.usage.store import UsageStore

MOST_USERS = 1_000
"""Users that an answer names."""
_DIGITS = 6
"""Of dollars: a call costs some ten-thousandths of a cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """Reads usage by day, the ledger by month, and the price of the live endpoint."""

    usage: UsageStore
    ledger: Ledger
    store: DeploymentStore
    now: Callable[[], datetime] = utc_now

    @property
    def today(self) -> date:
        """The day in UTC."""
        return self.now().astimezone(UTC).date()

    def report(self, model_id: str, first: date, last: date) -> dict[str, Any]:
        """Return the model's usage from *first* to *last*, and the costs of these months.

        Raises: ModelNotFoundError (nothing is known of a model of this name), StoreBusyError.
        """
        whole_months = self._days_of_whole_months(model_id, first, last)
        days = [each for each in whole_months if first <= each.day <= last]
        if not days and self.store.desired(model_id) is None:
            raise ModelNotFoundError("No model of this name has been registered for deployment.")
        usage = summed(days, most_users=MOST_USERS)
        replica_usd = self._replica_usd(model_id)
        return {
            "model_id": model_id,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "total": _figures(usage.total),
            "days": [
                {"day": each.day.isoformat(), "complete": each.complete, **_figures(each.total)}
                for each in days
            ],
            "users": [{"user": name, **_figures(each)} for name, each in usage.users.items()],
            "other_users": _figures(usage.others) if usage.others.calls else None,
            "months": [
                self._month(model_id, month, whole_months, replica_usd)
                for month in _months_between(first, last)
            ],
        }

    def _days_of_whole_months(self, model_id: str, first: date, last: date) -> Sequence[ModelDay]:
        end = month_end(f"{last:%Y-%m}").date() - timedelta(days=1)
        return self.usage.days(model_id, first.replace(day=1), end)

    def _month(
        self, model_id: str, month: str, days: Sequence[ModelDay], replica_usd: float | None
    ) -> dict[str, Any]:
        cost = self.ledger.month(model_id, month)
        own = (each for each in days if f"{each.day:%Y-%m}" == month)
        usage = summed(own, most_users=MOST_USERS)
        shares = None
        if usd_per_hour := replica_usd or _dearest_usd(cost):
            shares = cost_shares(usage, usd=cost.usd, usd_per_hour=usd_per_hour)
        predictions = usage.total.predictions
        return {
            "month": month,
            "usd": _rounded(cost.usd),
            "predictions": predictions,
            "usd_per_1000_predictions": _rounded(usd_per_thousand(cost.usd, predictions)),
            **_shares(shares),
        }

    def _replica_usd(self, model_id: str) -> float | None:
        """Return what a replica of the live endpoint costs an hour; None when it is not known."""
        live = self.store.live(model_id)
        if live is None or live.endpoint.hourly_cost_usd is None:
            return None
        return live.endpoint.hourly_cost_usd / (live.endpoint.max_replicas or 1)


def _dearest_usd(month: ModelMonth) -> float:
    """Return what the month's dearest endpoint cost an hour when it was last seen; 0: nothing."""
    return max((each.usd_per_hour for each in month.endpoints.values()), default=0.0)


def _shares(shares: CostShares | None) -> dict[str, Any]:
    """Return the busy and the idle part; nothing of them where no price is known."""
    if shares is None:
        return {"busy_usd": None, "idle_usd": None, "users": [], "other_users_busy_usd": None}
    return {
        "busy_usd": _rounded(shares.busy_usd),
        "idle_usd": _rounded(shares.idle_usd),
        "users": [{"user": name, "busy_usd": _rounded(usd)} for name, usd in shares.users.items()],
        "other_users_busy_usd": _rounded(shares.others_usd),
    }


def _months_between(first: date, last: date) -> Iterator[str]:
    month, end = f"{first:%Y-%m}", f"{last:%Y-%m}"
    while month <= end:
        yield month
        month = month_of(month_end(month))


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "calls": figures.calls,
        "predictions": figures.predictions,
        "faults": figures.faults,
        "refusals": figures.refusals,
        "average_ms": figures.average_ms,
        "average_provider_ms": figures.average_provider_ms,
        "bytes_in": figures.bytes_in,
        "bytes_out": figures.bytes_out,
    }


def _rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, _DIGITS)

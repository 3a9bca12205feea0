"""Predictions of a month, from usage by day."""

from datetime import timedelta

from functions.common.ledger.months import month_end, month_start
from functions.common.usage.store import UsageStore


class MonthlyPredictions:
    """Reads usage."""

    def __init__(self, usage: UsageStore) -> None:
        self._usage = usage

    def count(self, model_id: str, month: str) -> int | None:
        """Return the model's predictions in *month*, up to the last night; None before the first.

        Raises: StoreBusyError.
        """
        last = month_end(month).date() - timedelta(days=1)
        days = self._usage.days(model_id, month_start(month).date(), last)
        return sum(each.total.predictions for each in days) if days else None

"""What a model costs, as people see it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from functions.common.deployments.record import utc_now, utc_text
from functions.common.ledger.model_month import ModelMonth
from functions.common.ledger.months import month_of
from functions.common.ledger.store import Ledger
from functions.common.usage.costs import usd_per_thousand

_DIGITS = 2
_DIGITS_OF_PREDICTIONS = 4

type CountPredictions = Callable[[str, str], int | None]
"""Returns the predictions of a model in a month; None while they are not counted."""


class Costs:
    """Reads the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        predictions: CountPredictions = lambda _model_id, _month: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ledger = ledger
        self._predictions = predictions
        self._now = now

    def get(self, model_id: str) -> dict[str, Any] | None:
        """Return the model's cost in this month; None when it had no endpoint in it.

        Raises: StoreBusyError.
        """
        month = self._ledger.month(model_id, month_of(self._now()))
        if month.counted_until is None:
            return None
        predictions = self._predictions(model_id, month.month)
        return {
            "month": month.month,
            "usd": round(month.usd, _DIGITS),
            "forecast_usd": round(month.forecast_usd(), _DIGITS),
            "usd_per_1000_predictions": _per_thousand(month, predictions),
            "counted_until": utc_text(month.counted_until),
        }


def _per_thousand(month: ModelMonth, predictions: int | None) -> float | None:
    usd = usd_per_thousand(month.usd, predictions or 0)
    return None if usd is None else round(usd, _DIGITS_OF_PREDICTIONS)

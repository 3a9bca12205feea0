"""Port: where the ledger is kept."""

from collections.abc import Collection, Mapping
from typing import Protocol

from functions.common.ledger.model_month import ModelMonth, MonthTotal

NOBODY = ":nobody"
"""Stands for a model's name with the costs of endpoints that no record names. MLflow takes no name
with a colon. Source: https://mlflow.org/docs/latest/ml/model-registry/ (names of models)"""


class Ledger(Protocol):
    """Costs by model and month, and each month's total.

    A write names the version that it was made from, so that of two runs that count the same time
    one fails. Every method may raise StoreBusyError.
    """

    def month(self, model_id: str, month: str) -> ModelMonth:
        """Return the model's month; an empty one where nothing is stored. May be a moment old."""
        ...

    def months(
        self, model_ids: Collection[str], months: Collection[str]
    ) -> Mapping[tuple[str, str], ModelMonth]:
        """Return these models' months by model and month, consistently; what cannot be read, and
        what is not stored, as an empty one."""
        ...

    def write(self, *changed: ModelMonth) -> bool:
        """Replace months, all of them or none, with their next versions.

        False, and nothing written, when one of them is not of the version any more that is stored.
        """
        ...

    def total(self, month: str) -> MonthTotal:
        """Return the month's total, consistently; an empty one where nothing is stored."""
        ...

    def write_total(self, total: MonthTotal) -> bool:
        """Replace the total; False, and nothing written, as with `write`."""
        ...

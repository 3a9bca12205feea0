"""What a reconciliation knows of costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.common.ledger.model_month import ModelMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Costs of this month.

    Attributes:
        months: By model. One that is missing is not known, which says nothing about its cost.
    """

    months: Mapping[str, ModelMonth] = field(default_factory=dict)

    @property
    def usd(self) -> float:
        """Dollars of all models."""
        return sum(each.usd for each in self.months.values())

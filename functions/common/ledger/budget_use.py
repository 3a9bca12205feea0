"""The used part of the monthly budget, and what happens when nothing is left."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

FULL_PERCENT = 100


class BudgetAction(StrEnum):
    """What happens to idle endpoints when the budget is used up."""

    SLEEP = "sleep"
    PAUSE = "pause"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetUse:
    """How much of a month's budget is used.

    Attributes:
        month: E.g. `2026-11`.
        spent_usd: Of all models, as counted last.
        budget_usd: 0: there is none.
    """

    month: str = ""
    spent_usd: float = 0.0
    budget_usd: float = 0.0

    @property
    def percent(self) -> float | None:
        """Return the share that is used; None without a budget."""
        return 100 * self.spent_usd / self.budget_usd if self.budget_usd else None

    @property
    def used_up(self) -> bool:
        """Return whether nothing is left."""
        percent = self.percent
        return percent is not None and percent >= FULL_PERCENT

    @property
    def refusal(self) -> str:
        """Words for people whose version is not deployed because of it."""
        return (
            f"The budget of {self.budget_usd:.2f} USD for {self.month} is used up: "
            f"{self.spent_usd:.2f} USD are spent. The version is deployed by itself when the next "
            "month begins, or when MONTHLY_BUDGET_USD is raised."
        )


MonthlyBudgetUsd = Annotated[
    float, Meta(ge=0, description="Dollars a month for all endpoints; 0: no budget.")
]
BudgetActionName = Annotated[
    BudgetAction,
    Meta(
        description=(
            "What happens to idle endpoints when the budget is used up: `sleep`, `pause` or `none`."
        )
    ),
]
"""Settings."""

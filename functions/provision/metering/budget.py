"""The monthly budget: how much of it is used, who is warned, and what is refused."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from functions.common.ledger.months import month_of
from functions.common.ledger.store import Ledger
from functions.common.observability import make_logger

WARN_PERCENT = 80
FULL_PERCENT = 100

logger = make_logger("reconcile")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyBudget:
    """Keeps the month's total, which says whether the budget is used up.

    Attributes:
        usd: 0: there is none, and no total is kept.
        on_reached: Gets the use and the threshold that it has reached; returns whether others have
            heard of it. Otherwise the next `note` warns, and calls it, again.
    """

    ledger: Ledger
    usd: float
    now: Callable[[], datetime]
    on_reached: Callable[[BudgetUse, int], bool] = lambda _use, _percent: True

    def use(self) -> BudgetUse:
        """Return the use by the total that was noted last. Raises: StoreBusyError."""
        month = month_of(self.now())
        if not self.usd:
            return BudgetUse(month=month)
        spent = self.ledger.total(month).usd
        return BudgetUse(month=month, spent_usd=spent, budget_usd=self.usd)

    def note(self, spent_usd: float) -> BudgetUse:
        """Keep *spent_usd*, all models' of this month, and warn once a month at each threshold.

        Raises: StoreBusyError.
        """
        month = month_of(self.now())
        use = BudgetUse(month=month, spent_usd=spent_usd, budget_usd=self.usd)
        percent = use.percent
        if percent is None:
            return use
        total = self.ledger.total(month)
        reached = max((each for each in (WARN_PERCENT, FULL_PERCENT) if percent >= each), default=0)
        is_news = reached > total.warned_percent
        heard = is_news and self.on_reached(use, reached)
        warned = reached if heard else total.warned_percent
        noted = replace(total, usd=spent_usd, warned_percent=warned)
        # Of two runs at once the one that writes warns.
        if self.ledger.write_total(noted) and is_news:
            logger.warning(
                "budget.warned",
                threshold_percent=reached,
                month=month,
                spent_usd=round(spent_usd, 2),
                budget_usd=self.usd,
            )
        return use

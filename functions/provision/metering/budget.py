"""The monthly budget: how much of it is used, who is warned, and what is refused."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.ledger.budget_use import FULL_PERCENT, BudgetUse
from functions.common.ledger.months import month_of
from functions.common.ledger.store import Ledger
from functions.common.observability import make_logger

WARN_PERCENT = 80

logger = make_logger("reconcile")


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

"""The monthly budget of an environment."""

from dataclasses import dataclass

BUDGET_ACTIONS = ("sleep", "pause", "none")


@dataclass(frozen=True, kw_only=True)
class BudgetSettings:
    """Settings of the monthly budget.

    Attributes:
        monthly_budget_usd: US dollars a month for all endpoints; 0: no budget.
        budget_action: What happens to idle endpoints when it is used up, one of `BUDGET_ACTIONS`.
    """

    monthly_budget_usd: float = 0
    budget_action: str = BUDGET_ACTIONS[0]

"""What a reconciliation knows of costs, and how it comes to know it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import ModelState
from functions.common.ledger.budget_use import BudgetAction, BudgetUse
from functions.common.ledger.model_month import ModelMonth
from functions.common.providers.base import Endpoint
from functions.provision.metering.budget import MonthlyBudget
from functions.provision.metering.idleness import Idleness
from functions.provision.metering.meter import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Costs of this month.

    Attributes:
        months: By model. One that is missing is not known, which says nothing about its cost.
        action: What to do with idle endpoints when the budget is used up.
        is_idle: Whether nobody uses the endpoint of a live deployment.
    """

    months: Mapping[str, ModelMonth] = field(default_factory=dict)
    budget: BudgetUse = field(default_factory=BudgetUse)
    action: BudgetAction = BudgetAction.NONE
    is_idle: Callable[[Deployment], bool] = lambda _deployment: False

    @property
    def usd(self) -> float:
        """Dollars of all models."""
        return sum(each.usd for each in self.months.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingWatch:
    """Counts what has been spent, and holds it against the budget."""

    meter: Meter
    budget: MonthlyBudget
    idleness: Idleness
    action: BudgetAction

    def look(
        self,
        states: Mapping[str, ModelState],
        endpoints: Mapping[str, Endpoint],
        *,
        every_model: bool,
        dry_run: bool,
    ) -> Spending:
        """Count until now, unless in a *dry_run*; see `Meter.measure`.

        The total is noted where *every_model* was looked at; other runs go by the last one.

        Raises: StoreBusyError.
        """
        if dry_run:
            months, use = self.meter.read(states.keys()), self.budget.use()
        else:
            months = self.meter.measure(states, endpoints, every_model=every_model)
            spent = sum(each.usd for each in months.values())
            use = self.budget.note(spent) if every_model else self.budget.use()
        return Spending(
            months=months, budget=use, action=self.action, is_idle=self.idleness.is_idle
        )

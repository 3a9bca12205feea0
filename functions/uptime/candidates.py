"""Which models are checked: those that serve, have an example, and are not at rest.

A check is a call like any other: it wakes an endpoint that sleeps, and keeps one awake that nobody
else uses. Of models that may sleep, the answers are compared after they were woken (see `woken`).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from functions.common.circuits.state import CircuitState, Phase
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError
from functions.common.deployments.listing import ModelListing
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.common.ledger.budget_use import BudgetAction, BudgetUse
from functions.common.ledger.model_month import EndpointCost, ModelMonth
from functions.common.ledger.months import month_before, month_of
from functions.common.ledger.store import Ledger
from functions.uptime.woken import answers_are_due

PAGE = 50
"""Models of a page, whose months of two are one batch of the table."""
_NOTE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingModel:
    """A model that serves, and the costs of this month and of the one before."""

    model_id: str
    months: tuple[ModelMonth, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live deployment to check.

    Attributes:
        woken: It may sleep, and is checked because callers use it.
    """

    deployment: Deployment
    woken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Finds models to check.

    Attributes:
        budget_usd: A month's, for all endpoints; 0: there is none.
    """

    listing: ModelListing
    deployments: DeploymentStore
    circuits: CircuitStateStore
    ledger: Ledger
    budget_usd: float
    budget_action: BudgetAction
    now: Callable[[], datetime]

    def keep_endpoints_awake(self) -> bool:
        """Return whether checks would keep endpoints awake that are to be put to sleep: the budget
        is used up, and endpoints that nobody calls are stopped.

        Raises: StoreBusyError.
        """
        if not self.budget_usd or self.budget_action is BudgetAction.NONE:
            return False
        month = month_of(self.now())
        spent_usd = self.ledger.total(month).usd
        return BudgetUse(month=month, spent_usd=spent_usd, budget_usd=self.budget_usd).used_up

    def serving(self) -> Iterator[ServingModel]:
        """Yield every model that serves. Raises: StoreBusyError."""
        month = month_of(self.now())
        span = (month_before(month), month)
        after: str | None = None
        while True:
            page = self.listing.page(limit=PAGE, after=after)
            names = [each.model_id for each in page.models if each.status is Status.DEPLOYED]
            months = self.ledger.months(names, span) if names else {}
            for name in names:
                yield ServingModel(model_id=name, months=tuple(months[name, each] for each in span))
            after = page.next_after
            if after is None:
                return

    def candidate(self, model: ServingModel) -> Candidate | None:
        """Return the live deployment of *model*; None when its endpoint sleeps, is paused or may
        sleep soon, or when it has been undeployed.

        Raises: StoreBusyError, UnreadableRecordError.
        """
        live = self.deployments.live(model.model_id)
        if live is None:
            return None
        circuit = self._circuit(live)
        if may_sleep(live):
            due = answers_are_due(live, circuit, self.now().timestamp())
            return Candidate(live, woken=True) if due else None
        return None if sleeps(live, model.months, circuit) else Candidate(live)

    def note_checked(self, deployment: Deployment) -> None:
        """Note that the answers of *deployment* were compared; if that fails, they are again."""
        now = self.now().timestamp()
        with suppress(CircuitStatesUnavailableError):
            for _ in range(_NOTE_ATTEMPTS):
                seen = self.circuits.get(deployment.id)
                if self.circuits.replace(deployment.id, seen, seen.checked(now)):
                    return

    def _circuit(self, deployment: Deployment) -> CircuitState:
        try:
            return self.circuits.get(deployment.id)
        except CircuitStatesUnavailableError:
            return CircuitState()


def may_sleep(deployment: Deployment) -> bool:
    """Return whether the endpoint falls asleep by itself, or that is not known."""
    return not deployment.endpoint.min_replicas


def sleeps(deployment: Deployment, months: tuple[ModelMonth, ...], circuit: CircuitState) -> bool:
    """Return whether an endpoint that is never meant to sleep does, or is paused.

    The reconciler has seen that it costs nothing, which failed endpoints do as well; but then a
    call has noted in the *circuit* that it does not answer.
    """
    seen = _last_seen(deployment, months)
    if seen is None or seen.usd_per_hour or not deployment.endpoint.hourly_cost_usd:
        # Without a known price everything costs nothing.
        return False
    return circuit.phase is Phase.CLOSED


def _last_seen(deployment: Deployment, months: tuple[ModelMonth, ...]) -> EndpointCost | None:
    name = deployment.endpoint.name
    seen = [month.endpoints[name] for month in months if name and name in month.endpoints]
    return max(seen, key=lambda each: each.seen_at, default=None)

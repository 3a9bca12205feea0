"""What a model's account is after one look at its endpoints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.common.circuits.state import CircuitState
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.ledger.months import month_start
from functions.common.providers.base import Endpoint
from functions.provision.metering.charges import CostAccount
from functions.provision.metering.evidence import created_at, evidence_of, gone_at, removed_at
from functions.provision.metering.owners import Owner, has_come_and_gone
from functions.provision.metering.rates import Rates
from functions.provision.metering.sightings import Interval, Sighting, billed_between

SLEEPER_KNOWN_FOR = timedelta(days=1)
"""An endpoint that may sleep, and is seen for the first time at a greater age, is counted from then
on: nobody knows how much of it it has slept. One that never sleeps has cost since it stands, or
until somebody paused it."""

_MOST_RENAMES = 10
"""That are followed from a record to the one that has its endpoint now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Counts by one look at everything.

    Attributes:
        standing: The endpoints that exist and have an owner, by their model.
        charged: The model that is charged for an endpoint, by the endpoint's name.
        every_model: All models were looked at; otherwise an endpoint that was taken over may be
            charged to a model that was not, and is left to a run over all.
    """

    states: Mapping[str, ModelState]
    endpoints: Mapping[str, Endpoint]
    owned: Mapping[str, Owner]
    standing: Mapping[str, Sequence[str]]
    charged: Mapping[str, str]
    every_model: bool
    store: DeploymentStore
    circuits: CircuitStateStore
    rates: Rates
    now: datetime

    def counted(self, model_id: str, account: CostAccount) -> CostAccount:
        """Return *account*, the model's, charged until now."""
        for name in self.standing.get(model_id, ()):
            owner = self.owned[name]
            if not self._is_others(name, owner, account):
                account = self._standing(self.endpoints[name], owner.deployment, account)
        gone = {
            name
            for name in account.open_names() - self.endpoints.keys()
            # In a run over one model it may have gone over to a name that was not looked at.
            if self.every_model or name in self.owned
        }
        unseen = set(self._never_seen(model_id, account))
        if gone | unseen:
            records = self._records(model_id)
            for name in sorted(gone):
                account = self._gone(name, records.get(name), account)
            for name in sorted(unseen & records.keys()):
                account = self._come_and_gone(name, records[name], account)
        return account

    def _is_others(self, name: str, owner: Owner, account: CostAccount) -> bool:
        """Return whether the endpoint's costs are still to be taken over from another model."""
        if name in account.charged_names():
            return False
        taken_over = owner.deployment is not None and bool(owner.deployment.endpoint.adopted_from)
        return name in self.charged or (taken_over and not self.every_model)

    def _standing(
        self, endpoint: Endpoint, deployment: Deployment | None, account: CostAccount
    ) -> CostAccount:
        before = account.last_sighting(endpoint.name)
        if before is None:
            before = self._creation(endpoint, deployment, account)
        evidence = evidence_of(
            endpoint, deployment, self._circuit, was_at_rest=not before.usd_per_hour
        )
        rate = self.rates.now(endpoint, deployment)
        after = Sighting(at=self.now, usd_per_hour=rate, sleeps_at=evidence.sleeps_at)
        if after.at <= before.at and account.is_counted(endpoint.name):
            return account
        intervals = billed_between(
            before,
            after,
            # While it runs again, only what was known before says when it fell asleep.
            stopped_at=before.sleeps_at if rate else evidence.stopped_at,
            started_at=evidence.started_at,
            running_usd_per_hour=self.rates.while_running(endpoint, deployment),
        )
        return account.charged(endpoint.name, after, list(intervals), ended=False)

    def _creation(
        self, endpoint: Endpoint, deployment: Deployment | None, account: CostAccount
    ) -> Sighting:
        """Return the endpoint as it was created, or as it is now where nobody knows since when it
        has cost something."""
        start = endpoint.created_at
        may_sleep = endpoint.hardware is None or endpoint.hardware.min_replicas == 0
        is_old = start is None or self.now - start > SLEEPER_KNOWN_FOR
        rests_since = endpoint.is_billed or endpoint.updated_at
        if start is None or (is_old and (may_sleep or not rests_since)):
            return Sighting(at=self.now, usd_per_hour=0.0)
        rate = self.rates.while_running(endpoint, deployment)
        return Sighting(at=max(start, month_start(account.earlier.month)), usd_per_hour=rate)

    def _never_seen(self, model_id: str, account: CostAccount) -> Iterator[str]:
        """Yield endpoints that came and went between two looks."""
        state = self.states.get(model_id)
        for deployment in state.deployments if state else ():
            name = deployment.endpoint.name or ""
            known = not name or name in self.endpoints or account.is_counted(name)
            is_recent = deployment.updated_at >= month_start(account.earlier.month)
            if known or not is_recent or not has_come_and_gone(deployment):
                continue
            if not self._is_others(name, Owner(model_id, deployment), account):
                yield name

    def _gone(self, name: str, record: Deployment | None, account: CostAccount) -> CostAccount:
        before = account.last_sighting(name)
        if before is None or self.now <= before.at:
            return account
        ended_at = gone_at(record, seen_at=before.at)
        after = Sighting(at=self.now, usd_per_hour=0.0)
        intervals = billed_between(before, after, stopped_at=ended_at)
        return account.charged(name, after, list(intervals), ended=True)

    def _come_and_gone(self, name: str, record: Deployment, account: CostAccount) -> CostAccount:
        start, end = created_at(record), removed_at(record)
        intervals = []
        if start and end and start < end:
            rate = self.rates.of_record(record)
            intervals = [Interval(start=start, end=end, usd_per_hour=rate)]
        after = Sighting(at=self.now, usd_per_hour=0.0)
        return account.charged(name, after, intervals, ended=True)

    def _records(self, model_id: str) -> Mapping[str, Deployment]:
        """Return the model's whole records by their endpoints; of several the one that has it."""
        if model_id not in self.states:
            return {}
        found: dict[str, Deployment] = {}
        for each in reversed(self.store.state(model_id).deployments):
            if each.endpoint.name and (last := self._last_owner(each)):
                found[each.endpoint.name] = last
        return found

    def _last_owner(self, deployment: Deployment) -> Deployment | None:
        """Return the deployment that has the endpoint of *deployment*, perhaps of another model."""
        last: Deployment | None = deployment
        for _ in range(_MOST_RENAMES):
            if last is None or last.endpoint.handed_to is None:
                return last
            name = self.store.model_of(last.endpoint.handed_to)
            last = self.store.state(name).deployment(last.endpoint.handed_to) if name else None
        return None

    def _circuit(self, deployment_id: str) -> CircuitState | None:
        try:
            return self.circuits.get(deployment_id)
        except CircuitStatesUnavailableError:
            return None

"""Counts what endpoints cost, at each reconciliation, into the ledger.

Nothing is counted twice: a month is written only in place of the version that it was made from, and
says until when each endpoint has been charged. What a run could not write, the next one charges.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.circuits.store import CircuitStateStore
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.ledger.model_month import ModelMonth
from functions.common.ledger.months import month_before, month_of
from functions.common.ledger.store import NOBODY, Ledger
from functions.common.observability import make_logger
from functions.common.providers.base import Endpoint
from functions.common.providers.prices import PriceList
from functions.provision.metering.charges import CostAccount, shown_today
from functions.provision.metering.counting import Counting
from functions.provision.metering.owners import Owner, by_model, owners
from functions.provision.metering.rates import Rates
from functions.provision.metering.renamed import moves
from functions.provision.metering.sightings import Sighting, billed_between

logger = make_logger("reconcile")

type Accounts = dict[str, CostAccount]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Counts by what a reconciliation has seen."""

    ledger: Ledger
    store: DeploymentStore
    circuits: CircuitStateStore
    prices: PriceList
    now: Callable[[], datetime]

    def read(self, names: Collection[str]) -> Mapping[str, ModelMonth]:
        """Return the present months of the models *names*, as they were counted last.

        Raises: StoreBusyError.
        """
        return {name: each.present for name, each in self._accounts(names, self.now()).items()}

    def measure(
        self,
        states: Mapping[str, ModelState],
        endpoints: Mapping[str, Endpoint],
        *,
        every_model: bool,
    ) -> Mapping[str, ModelMonth]:
        """Charge the models *states* for their *endpoints* until now; return their present months.

        With *every_model*, an endpoint that none of them owns is nobody's, and `NOBODY` among the
        result; otherwise it may belong to a model that was not looked at. What goes wrong with one
        model is logged, and is charged by the next run.

        Raises: StoreBusyError (nothing can be read).
        """
        now = self.now()
        names = [*states, NOBODY] if every_model else [*states]
        owned = owners(states.values())
        if every_model:
            unknown = endpoints.keys() - owned.keys()
            owned = {**owned, **dict.fromkeys(unknown, Owner(NOBODY, None))}
        accounts = self._accounts(names, now)
        for name in names:
            accounts |= self._taken_over(name, accounts, owned, endpoints, now)
        counting = Counting(
            states=states,
            endpoints=endpoints,
            owned=owned,
            standing=by_model(endpoints, owned),
            charged={each: name for name in names for each in accounts[name].charged_names()},
            every_model=every_model,
            store=self.store,
            circuits=self.circuits,
            rates=Rates(prices=self.prices),
            now=now,
        )
        for name in names:
            with self._logged(name):
                counted = counting.counted(name, accounts[name])
                accounts[name] = self._write(accounts[name], counted)
        return {name: each.present for name, each in accounts.items()}

    def note_stopped(self, model_id: str, name: str) -> None:
        """Note that the endpoint *name* costs nothing from now on: we have just put it to sleep,
        paused or deleted it. Without a note, the next look finds out."""
        self._note(model_id, name, 0.0)

    def note_resumed(self, deployment: Deployment) -> None:
        """Note that the endpoint of *deployment* costs something from now on."""
        rate = Rates(prices=self.prices).of_record(deployment)
        self._note(deployment.model_id, deployment.endpoint.name or "", rate)

    def note_renamed(self, live: Deployment, to: Deployment) -> None:
        """Note that the endpoint of *live* serves *to*, of its new name, from now on:
        later notes of the same run find it there. Without a note, the next look finds out."""
        name = live.endpoint.name or ""
        names, owned = (live.model_id, to.model_id), {name: Owner(to.model_id, to)}
        with self._logged(live.model_id):
            now = self.now()
            self._taken_over(live.model_id, self._accounts(names, now), owned, owned, now)

    def _note(self, model_id: str, name: str, usd_per_hour: float) -> None:
        with self._logged(model_id):
            self._charge_until_now(model_id, name, usd_per_hour)

    @contextmanager
    def _logged(self, model_id: str) -> Iterator[None]:
        """Log what goes wrong with one model; the next run charges it."""
        try:
            yield
        except Exception:
            logger.exception("ledger.failed", model_id=model_id)

    def _charge_until_now(self, model_id: str, name: str, usd_per_hour: float) -> None:
        now = self.now()
        account = self._accounts([model_id], now)[model_id]
        before = account.last_sighting(name)
        if before is None or now < before.at:
            return
        as_before, from_now = replace(before, at=now), Sighting(at=now, usd_per_hour=usd_per_hour)
        intervals = list(billed_between(before, as_before))
        self._write(account, account.charged(name, from_now, intervals, ended=False))

    def _taken_over(
        self,
        name: str,
        accounts: Accounts,
        owned: Mapping[str, Owner],
        standing: Collection[str],
        now: datetime,
    ) -> Accounts:
        """Let dollars of the model *name* go over to the models that have its endpoints now."""
        changed: Accounts = {}
        for to, months in moves(name, accounts, owned, standing):
            if self.ledger.write(*months):
                logger.info("ledger.moved", model_id=name, to=to)
            changed |= self._accounts([name, to], now)
        return changed

    def _accounts(self, names: Collection[str], now: datetime) -> Accounts:
        present = month_of(now)
        earlier = month_before(present)
        found = self.ledger.months(names, (earlier, present))
        return {
            name: CostAccount(earlier=found[name, earlier], present=found[name, present])
            for name in names
        }

    def _write(self, seen: CostAccount, counted: CostAccount) -> CostAccount:
        """Write what has changed, unless another run was faster; return what is stored then."""
        if counted == seen:
            return seen
        counted = replace(counted, present=shown_today(counted.present, self.now()))
        changed = [counted.present]
        if counted.earlier != seen.earlier:
            changed.append(counted.earlier)
        if not self.ledger.write(*changed):
            model_id = seen.present.model_id
            logger.info("ledger.overtaken", model_id=model_id)
            return self._accounts([model_id], self.now())[model_id]
        written = replace(counted.present, version=counted.present.version + 1)
        return replace(counted, present=written)

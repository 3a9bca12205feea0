"""Finds what differs from the registry, and puts it right, model by model."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.deployments.store import DeploymentChangedError
from functions.common.observability import make_logger
from functions.provision.announcements.announcer import Announcer
from functions.provision.metering.credits import credits_exhausted, is_for_want_of_credits
from functions.provision.metering.spending import Spending, SpendingWatch
from functions.provision.reconciliation.change_maker import ChangeMaker
from functions.provision.reconciliation.changes import Change, DeleteEndpoint, Undeploy
from functions.provision.reconciliation.indexing import unindexed
from functions.provision.reconciliation.observation import Observation, Observer
from functions.provision.reconciliation.observed import ObservedModel
from functions.provision.reconciliation.orphans import are_too_many, orphans
from functions.provision.reconciliation.plan import Planner
from functions.provision.reconciliation.renames import renames
from functions.provision.reconciliation.report import Report

MANY_UNDEPLOYMENTS = 10
"""More at once, and more than half of all that serve, look like a registry that has lost its
memory, or the address of another one."""

logger = make_logger("reconcile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Makes reality follow the registry. Two runs at once do no harm (see `ChangeMaker`)."""

    observer: Observer
    planner: Planner
    maker: ChangeMaker
    watch: SpendingWatch
    announcer: Announcer
    installation: str
    now: Callable[[], datetime]

    def run(
        self,
        *,
        model_id: str | None = None,
        dry_run: bool = False,
        delete_orphans: bool = False,
        every_record: bool = False,
    ) -> Report:
        """Reconcile *model_id*, or every model and every endpoint.

        With *delete_orphans*, an operator has said that no records were lost: endpoints without
        one are deleted, however many they are. With *every_record*, the whole table is read, not
        its index, in which records from before there was one are missing.

        Raises: whatever keeps it from seeing; what keeps it from changing one model is logged.
        """
        report = Report(dry_run)
        if model_id is not None:
            seen = self.observer.single(model_id)
            costing = self._with_costs(seen, report, every_model=False)
            costing.reconcile_one(model_id, seen, report)
        else:
            seen = self.observer.every_record() if every_record else self.observer.overview()
            costing = self._with_costs(seen, report, every_model=True)
            costing.reconcile_all(seen, report, delete_orphans=delete_orphans)
        return report

    def _with_costs(self, seen: Observation, report: Report, *, every_model: bool) -> "Reconciler":
        """Count what has been spent until now; return the reconciler that plans by it. What cannot
        be counted is charged by the next run, and stops nothing."""
        spending = Spending()
        with self._isolated("", report):
            spending = self.watch.look(
                seen.states, seen.endpoints, every_model=every_model, dry_run=report.dry_run
            )
        report.spending = spending
        report.credits_exhausted = credits_exhausted(seen.states.values(), seen.endpoints.values())
        return replace(self, planner=replace(self.planner, spending=spending))

    def reconcile_one(self, model_id: str, seen: Observation, report: Report) -> None:
        """Reconcile *model_id* as it was *seen*; see `run`."""
        seen = self._renamed(seen, report, only=model_id)
        report.models = len(seen.models)
        self._measure(report, seen)
        self._reconcile_models(seen, report)

    def reconcile_all(self, seen: Observation, report: Report, *, delete_orphans: bool) -> None:
        """Reconcile every model as it was *seen*; see `run`."""
        report.models = len(seen.models)
        self._measure(report, seen)
        every_record_lost = self.observer.has_lost_every_record(seen)
        names = self._to_look_at(seen, report)
        names |= self.observer.earlier_names(names, seen)
        whole = self._renamed(self.observer.of(names), report)
        self._reconcile_models(whole, report, indexed=seen)
        states = (*seen.states.values(), *whole.states.values())
        found = list(orphans(seen.endpoints, states, now=self.now()))
        lost = every_record_lost or are_too_many(found, seen.endpoints)
        if found and lost and not delete_orphans:
            self._hold(found, seen.endpoints, report)
        else:
            self.make("", found, report)

    def _to_look_at(self, seen: Observation, report: Report) -> set[str]:
        """Return the models that need a change as far as *seen*, which may lack settled records."""
        found = self.observer.models_of_unknown_endpoints(seen)
        for name, observed in seen.models.items():
            with self._isolated(name, report):
                state = observed.state
                is_due = self.announcer.is_due(state)
                if state.unreadable or is_due or any(self._all_changes(observed)):
                    found.add(name)
        return found

    def _all_changes(self, observed: ObservedModel) -> Iterator[Change]:
        yield from self.planner.changes(observed)
        yield from self.planner.settled(observed)
        yield from self.planner.stale_tags(observed)

    def _renamed(
        self, seen: Observation, report: Report, *, only: str | None = None
    ) -> Observation:
        """Let renamed models go on under their new names; return what there is to be reconciled.

        Where that does not succeed, neither name is touched: the old one still serves.
        """
        names = {only} if only else {*seen.models}
        changes = list(
            renames(seen.states, seen.registered, installation=self.installation, now=self.now())
        )
        for change in changes:
            *_, new_name = change.model_ids
            self.make(new_name, [change], report)
            done = not report.dry_run and change.is_done(self.maker.store.state(new_name))
            names = names | {*change.model_ids} if done else names - {*change.model_ids}
        return self.observer.of(names) if changes else seen.only(names)

    def _reconcile_models(
        self, seen: Observation, report: Report, *, indexed: Observation | None = None
    ) -> None:
        left_alone = report.count_unreadable(seen.states.values())
        models = {name: each for name, each in seen.models.items() if name not in left_alone}
        for name, changes in self._plans(models, report).items():
            upkeep: list[Change] = list(self.planner.settled(models[name]))
            # What the changes write is newer than what was seen.
            if indexed and not changes:
                upkeep += unindexed(models[name], indexed.states)
            self._reconcile(models[name], [*changes, *upkeep], report)

    def _measure(self, report: Report, seen: Observation) -> None:
        report.endpoints = len(seen.endpoints)
        for state in seen.states.values():
            report.serving += state.live_id is not None
            report.in_progress += sum(each.status.in_progress for each in state.deployments)

    def _plans(
        self, observed_models: Mapping[str, ObservedModel], report: Report
    ) -> dict[str, list[Change]]:
        """Return the plans, without undeployments that look like a registry without memory."""
        plans = {}
        for name, observed in observed_models.items():
            with self._isolated(name, report):
                plans[name] = list(self.planner.changes(observed))
        undeployed = {name for name, changes in plans.items() if _undeploys(changes)}
        few = len(undeployed) <= MANY_UNDEPLOYMENTS or 2 * len(undeployed) <= report.serving
        if few or self.planner.closing:
            return plans
        logger.error(
            "reconcile.too_many_undeployments",
            undeployments=len(undeployed),
            serving=report.serving,
        )
        report.failed += len(undeployed)
        report.held += [
            _described(name, each)
            for name in sorted(undeployed)
            for each in plans[name]
            if isinstance(each, Undeploy)
        ]
        return {name: changes for name, changes in plans.items() if name not in undeployed}

    def _reconcile(
        self, observed: ObservedModel, changes: Sequence[Change], report: Report
    ) -> None:
        name = observed.state.model_id
        made = self.make(name, changes, report)
        with self._isolated(name, report):
            if changes and not report.dry_run:
                observed = self.observer.again(observed)
            if made:
                self.make(name, list(self.planner.stale_tags(observed)), report)
            # Last: events that cannot be published delay nothing.
            if not report.dry_run:
                self.announcer.announce(observed.state)

    def _hold(
        self, found: Sequence[DeleteEndpoint], endpoints: Collection[str], report: Report
    ) -> None:
        """Delete none of the orphans *found*; a person decides."""
        logger.error(
            "reconcile.too_many_orphans",
            orphans=[each.endpoint_name for each in found],
            endpoints=len(endpoints),
        )
        report.held += [_described("", each) for each in found]
        report.orphans_held = len(found)

    @contextmanager
    def _isolated(self, model_id: str, report: Report) -> Iterator[None]:
        """Log and count what breaks, so that other models are still reconciled."""
        try:
            yield
        except Exception:
            logger.exception("reconcile.failed", model_id=model_id)
            report.failed += 1

    def make(self, model_id: str, changes: Iterable[Change], report: Report) -> bool:
        """Make and log *changes*; return False at the first that fails, without the later ones."""
        for change in changes:
            name, detail = change.name, change.detail
            try:
                done = report.dry_run or self.maker.make(change, model_id)
            except DeploymentChangedError:
                done = False
            except Exception as error:
                logger.exception("reconcile.failed", model_id=model_id, change=name, detail=detail)
                report.failed += 1
                report.credits_exhausted |= is_for_want_of_credits(error)
                return False
            # What was not done has been overtaken by somebody faster; the next run looks again.
            event = "reconcile.change" if done else "reconcile.overtaken"
            logger.info(
                event, model_id=model_id, change=name, detail=detail, dry_run=report.dry_run
            )
            if done:
                report.changes.append(_described(model_id, change))
        return True


def _undeploys(changes: Iterable[Change]) -> bool:
    return any(isinstance(change, Undeploy) for change in changes)


def _described(model_id: str, change: Change) -> dict[str, str]:
    return {"model_id": model_id, "change": change.name, "detail": change.detail}

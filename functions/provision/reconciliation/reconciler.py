"""Finds what differs from the registry, and puts it right, model by model."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    ModelState,
)
from functions.common.deployments.workflow import Workflow
from functions.common.observability import make_logger
from functions.common.providers.base import Endpoint, EndpointControl
from functions.provision.names import installation_tag
from functions.provision.reconciliation.change_maker import ChangeMaker
from functions.provision.reconciliation.changes import Change, Undeploy
from functions.provision.reconciliation.observed import ObservedModel
from functions.provision.reconciliation.orphans import look_like_lost_records, orphans
from functions.provision.reconciliation.plan import Planner
from functions.provision.reconciliation.report import Report
from functions.provision.registry.base import ModelRegistry, RegisteredModel

MANY_UNDEPLOYMENTS = 10
"""More at once, and more than half of all that serve, look like a registry that has lost its
memory, or the address of another one."""

logger = make_logger("reconcile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Makes reality follow the registry. Two runs at once do no harm (see `ChangeMaker`)."""

    store: DeploymentStore
    registry: ModelRegistry
    control: EndpointControl
    workflow: Workflow
    planner: Planner
    maker: ChangeMaker
    installation: str
    now: Callable[[], datetime]

    def run(
        self, *, model_id: str | None = None, dry_run: bool = False, delete_orphans: bool = False
    ) -> Report:
        """Reconcile *model_id*, or every model and every endpoint.

        With *delete_orphans*, an operator has said that no records were lost: endpoints without
        one are deleted, however many they are.

        Records are read before the registry, and both before the provider: what appears in
        between is newer than what is compared with it, and is never taken for lost.

        Raises: whatever keeps it from seeing; what keeps it from changing one model is logged.
        """
        if model_id is None:
            states = {state.model_id: state for state in self.store.states()}
            models = self._models(states)
        else:
            states = {model_id: self.store.state(model_id)}
            model = self.registry.model(model_id)
            models = {} if model is None else {model_id: model}
        endpoints = self._endpoints(states.values())
        report = Report(dry_run, models=len(states.keys() | models.keys()))
        self._measure(report, states.values(), endpoints)
        left_alone = _unreadable(states.values(), report)
        observed_models = {
            name: self._observed(
                states.get(name) or _nothing_yet(name), models.get(name), endpoints
            )
            for name in sorted((states.keys() | models.keys()) - left_alone)
        }
        for name, changes in self._plans(observed_models, report).items():
            self._reconcile(observed_models[name], changes, report)
        if model_id is None:
            self._delete_orphans(endpoints, states.values(), report, confirmed=delete_orphans)
        return report

    def _models(self, states: Mapping[str, ModelState]) -> dict[str, RegisteredModel]:
        """Return models by name.

        A live model that is not listed is read by itself: a listing in pages can miss what moves
        from one page to another.
        """
        models = {model.name: model for model in self.registry.models()}
        for name, state in states.items():
            listed = models.get(name)
            if state.live and not (listed and listed.version(state.live.model_version)):
                models.pop(name, None)
                if found := self.registry.model(name):
                    models[name] = found
        return models

    def _endpoints(self, states: Iterable[ModelState]) -> dict[str, Endpoint]:
        """Ours, by name. One that serves and is not listed is looked at by itself: taking it for
        gone would be expensive."""
        tag = installation_tag(self.installation)
        listed = {each.name: each for each in self.control.tagged(tag)}
        for state in states:
            name = state.live.endpoint.name if state.live else None
            if name and name not in listed and (found := self.control.describe(name)):
                listed[name] = found
        return listed

    def _measure(
        self, report: Report, states: Iterable[ModelState], endpoints: Mapping[str, Endpoint]
    ) -> None:
        report.endpoints = len(endpoints)
        for state in states:
            report.serving += state.live_id is not None
            report.hourly_cost_usd += sum(
                each.endpoint.hourly_cost_usd or 0
                for each in state.deployments
                if each.endpoint.name in endpoints and not each.endpoint.handed_to
            )

    def _observed(
        self,
        state: ModelState,
        model: RegisteredModel | None,
        endpoints: Mapping[str, Endpoint],
    ) -> ObservedModel:
        return ObservedModel(
            state=state,
            model=model,
            endpoints=endpoints,
            is_running=self.workflow.is_running,
            now=self.now(),
        )

    def _plans(
        self, observed_models: Mapping[str, ObservedModel], report: Report
    ) -> dict[str, list[Change]]:
        """Return the plans, without undeployments that look like a registry without memory."""
        plans = {}
        for name, observed in observed_models.items():
            with self._isolated(name, report):
                plans[name] = list(self.planner.changes(observed))
        undeployed = {name for name, changes in plans.items() if _undeploys(changes)}
        if len(undeployed) <= MANY_UNDEPLOYMENTS or 2 * len(undeployed) <= report.serving:
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
        if not self._make(name, changes, report):
            return
        with self._isolated(name, report):
            if changes and not report.dry_run:
                observed = self._observed(
                    self.store.state(name), observed.model, observed.endpoints
                )
            self._make(name, list(self.planner.stale_tags(observed)), report)

    def _delete_orphans(
        self,
        endpoints: Mapping[str, Endpoint],
        states: Collection[ModelState],
        report: Report,
        *,
        confirmed: bool,
    ) -> None:
        """Delete the endpoints that no record names, or hold all of them when records were lost."""
        found = list(orphans(endpoints, states, now=self.now()))
        if confirmed or not look_like_lost_records(found, endpoints, states):
            self._make("", found, report)
            return
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

    def _make(self, model_id: str, changes: Iterable[Change], report: Report) -> bool:
        """Make and log *changes*; return False at the first that fails, without the later ones."""
        for change in changes:
            name, detail = change.name, change.detail
            try:
                done = report.dry_run or self.maker.make(change, model_id)
            except DeploymentChangedError:
                done = False
            except Exception:
                logger.exception("reconcile.failed", model_id=model_id, change=name, detail=detail)
                report.failed += 1
                return False
            # What was not done has been overtaken by somebody faster; the next run looks again.
            event = "reconcile.change" if done else "reconcile.overtaken"
            logger.info(
                event, model_id=model_id, change=name, detail=detail, dry_run=report.dry_run
            )
            if done:
                report.changes.append(_described(model_id, change))
        return True


def _unreadable(states: Iterable[ModelState], report: Report) -> set[str]:
    """Return the models with records that cannot be read: what is missing would look like lost.

    Each record is named in *report*, and each model counted as failed.
    """
    found = {state.model_id: state.unreadable for state in states if state.unreadable}
    for model_id, records in found.items():
        report.unreadable += [{"model_id": model_id, "record": each.id} for each in records]
        report.failed += 1
    return set(found)


def _undeploys(changes: Iterable[Change]) -> bool:
    return any(isinstance(change, Undeploy) for change in changes)


def _described(model_id: str, change: Change) -> dict[str, str]:
    return {"model_id": model_id, "change": change.name, "detail": change.detail}


def _nothing_yet(model_id: str) -> ModelState:
    return ModelState(model_id=model_id, deployments=(), live_id=None, desired=None)

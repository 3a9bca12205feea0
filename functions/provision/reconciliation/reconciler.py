"""Sees what is wrong, and puts it right, model by model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import singledispatchmethod
from typing import Any

from functions.common.deployments.record import Status
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    ModelState,
)
from functions.common.deployments.workflow import Workflow
from functions.common.observability import make_logger
from functions.common.providers.base import Endpoint, EndpointControl
from functions.provision.names import installation_tag
from functions.provision.reconciliation.changes import (
    Change,
    DeleteEndpoint,
    DeleteResources,
    Deploy,
    MarkFailed,
    Restart,
    Resume,
    SetDesired,
    Undeploy,
    UpdateTags,
)
from functions.provision.reconciliation.plan import ObservedModel, Planner, orphans
from functions.provision.registry.base import ModelRegistry, RegisteredModel
from functions.provision.removal import Removal

MANY_UNDEPLOYMENTS = 10
"""More at once, and more than half of all that serve, look like a registry that has lost its
memory, or the address of another one."""

logger = make_logger("reconcile")


@dataclass(slots=True)
class Report:
    """Result of a reconciliation.

    Attributes:
        failed: Models, or single changes, that could not be put right; the next run tries again.
    """

    dry_run: bool
    models: int = 0
    serving: int = 0
    endpoints: int = 0
    hourly_cost_usd: float = 0
    changes: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the report: `{"dry_run", "models", "changes": [{"model_id", "change", "detail"}],
        "failed"}`."""
        return {
            "dry_run": self.dry_run,
            "models": self.models,
            "changes": self.changes,
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Makes reality follow the registry. Two runs at once do no harm: every write is conditional
    on what was seen, or does the same when done twice."""

    store: DeploymentStore
    registry: ModelRegistry
    control: EndpointControl
    workflow: Workflow
    requests: DeploymentRequests
    removal: Removal
    planner: Planner
    installation: str
    now: Callable[[], datetime]

    def run(self, *, model_id: str | None = None, dry_run: bool = False) -> Report:
        """Reconcile *model_id*, or every model and every endpoint.

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
        observed_models = {
            name: self._observed(
                states.get(name) or _nothing_yet(name), models.get(name), endpoints
            )
            for name in sorted(states.keys() | models.keys())
        }
        for name, changes in self._plans(observed_models, report).items():
            self._reconcile(observed_models[name], changes, report)
        if model_id is None:
            self._make("", list(orphans(endpoints, states.values(), now=self.now())), report)
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

    @contextmanager
    def _isolated(self, model_id: str, report: Report) -> Iterator[None]:
        """Log and count what breaks, so that other models are still reconciled."""
        try:
            yield
        except Exception:
            logger.exception("reconcile.failed", model_id=model_id)
            report.failed += 1

    def _make(self, model_id: str, changes: Iterable[Change], report: Report) -> bool:
        """One line of the log each; one that fails ends its model's turn: False."""
        for change in changes:
            name, detail = change.name, change.detail
            try:
                done = report.dry_run or self._do(change, model_id)
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
                report.changes.append({"model_id": model_id, "change": name, "detail": detail})
        return True

    @singledispatchmethod
    def _do(self, change: Change, model_id: str) -> bool:
        """Make the change; False when what it was decided on has changed meanwhile."""
        raise NotImplementedError(f"{type(change).__name__} of {model_id}")

    @_do.register
    def _(self, change: Deploy, _model_id: str) -> bool:
        return self.requests.submit_if(change.expected, change.request) is not None

    @_do.register
    def _(self, change: SetDesired, _model_id: str) -> bool:
        return self.store.set_desired(change.desired, expected=change.expected)

    @_do.register
    def _(self, change: Undeploy, model_id: str) -> bool:
        stopped = self.store.undeploy(change.deployment, reason=change.why)
        self.workflow.start_retiring(model_id, stopped.id)
        return True

    @_do.register
    def _(self, change: Restart, model_id: str) -> bool:
        deployment = change.deployment
        run = deployment.run + 1
        self.workflow.start(model_id, deployment.id, run=run)
        arn = self.workflow.execution_arn(deployment.id, run=run)
        self.store.update(deployment, replace(deployment, run=run, execution_arn=arn))
        return True

    @_do.register
    def _(self, change: MarkFailed, _model_id: str) -> bool:
        reason = f"None of {change.deployment.run} executions of the workflow came to an end."
        failed = replace(change.deployment, status=Status.FAILED, reason=reason, retryable=True)
        self.removal.remove(self.store.update(change.deployment, failed))
        return True

    @_do.register
    def _(self, change: Resume, _model_id: str) -> bool:
        self.control.resume(change.deployment.endpoint.name or "")
        return True

    @_do.register
    def _(self, change: DeleteResources, _model_id: str) -> bool:
        self.removal.remove(change.deployment)
        return True

    @_do.register
    def _(self, change: DeleteEndpoint, _model_id: str) -> bool:
        self.removal.remove_unknown(change.endpoint_name)
        return True

    @_do.register
    def _(self, change: UpdateTags, model_id: str) -> bool:
        self.registry.set_tags(model_id, change.version, change.tags)
        return True


def _undeploys(changes: Iterable[Change]) -> bool:
    return any(isinstance(change, Undeploy) for change in changes)


def _nothing_yet(model_id: str) -> ModelState:
    return ModelState(model_id=model_id, deployments=(), live_id=None, desired=None)

"""Makes the changes that a reconciliation has planned."""

from dataclasses import dataclass, replace
from functools import singledispatchmethod

from functions.common.deployments.record import Status
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.workflow import Workflow
from functions.common.ledger.store import NOBODY
from functions.common.providers.base import EndpointControl
from functions.provision.metering.spending import SpendingWatch
from functions.provision.reconciliation.changes import (
    Change,
    DeleteEndpoint,
    DeleteResources,
    Deploy,
    Forget,
    Index,
    KeepUndeployed,
    MarkFailed,
    Rename,
    Restart,
    Resume,
    SetDesired,
    Settle,
    StopIdle,
    Undeploy,
    UpdateTags,
)
from functions.provision.registry.base import ModelRegistry
from functions.provision.removal import Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMaker:
    """Makes changes. Each is conditional on what was seen, or does the same when done twice."""

    store: DeploymentStore
    registry: ModelRegistry
    control: EndpointControl
    workflow: Workflow
    requests: DeploymentRequests
    removal: Removal
    watch: SpendingWatch

    @singledispatchmethod
    def make(self, change: Change, model_id: str) -> bool:
        """Make the change; False when what it was decided on has changed meanwhile."""
        raise NotImplementedError(f"{type(change).__name__} of {model_id}")

    @make.register
    def _(self, change: Deploy, _model_id: str) -> bool:
        submitted = self.requests.submit_if(change.expected, change.request, asked=change.asked)
        return submitted is not None

    @make.register
    def _(self, change: SetDesired, _model_id: str) -> bool:
        return self.store.set_desired(change.desired, expected=change.expected)

    @make.register
    def _(self, change: Forget, model_id: str) -> bool:
        # A listing can miss what is registered while it is read.
        return self.registry.model(model_id) is None and self.store.delete_desired(change.expected)

    @make.register
    def _(self, change: Rename, _model_id: str) -> bool:
        moved = self.store.move_live(
            change.live, change.to, left=change.left, expected=change.expected
        )
        if moved:
            self.watch.meter.note_renamed(change.live, change.to)
        return moved

    @make.register
    def _(self, change: KeepUndeployed, _model_id: str) -> bool:
        return self.store.set_desired(change.desired, expected=None)

    @make.register
    def _(self, change: Undeploy, model_id: str) -> bool:
        stopped = self.store.undeploy(change.deployment, reason=change.why)
        self.workflow.start_retiring(model_id, stopped.id)
        return True

    @make.register
    def _(self, change: Restart, model_id: str) -> bool:
        deployment = change.deployment
        run = deployment.run + 1
        self.workflow.start(model_id, deployment.id, run=run)
        arn = self.workflow.execution_arn(deployment.id, run=run)
        self.store.update(deployment, replace(deployment, run=run, execution_arn=arn))
        return True

    @make.register
    def _(self, change: MarkFailed, _model_id: str) -> bool:
        reason = f"None of {change.deployment.run} executions of the workflow came to an end."
        failed = replace(change.deployment, status=Status.FAILED, reason=reason, retryable=True)
        self.removal.remove(self.store.update(change.deployment, failed))
        return True

    @make.register
    def _(self, change: Resume, _model_id: str) -> bool:
        self.control.resume(change.deployment.endpoint.name or "")
        self.watch.meter.note_resumed(change.deployment)
        return True

    @make.register
    def _(self, change: StopIdle, model_id: str) -> bool:
        name = change.deployment.endpoint.name or ""
        # Somebody may have called it since that was decided.
        if not self.watch.idleness.is_idle(change.deployment):
            return False
        if change.pause:
            self.control.pause(name)
        else:
            self.control.scale_to_zero(name)
        self.watch.meter.note_stopped(model_id, name)
        return True

    @make.register
    def _(self, change: DeleteResources, _model_id: str) -> bool:
        self.removal.remove(change.deployment)
        return True

    @make.register
    def _(self, change: DeleteEndpoint, _model_id: str) -> bool:
        self.removal.remove_unknown(change.endpoint_name)
        self.watch.meter.note_stopped(NOBODY, change.endpoint_name)
        return True

    @make.register
    def _(self, change: Settle, _model_id: str) -> bool:
        expiration = int(change.expires_at.timestamp())
        self.store.update(change.deployment, replace(change.deployment, expiration=expiration))
        return True

    @make.register
    def _(self, change: Index, _model_id: str) -> bool:
        for deployment in change.deployments:
            self.store.update(deployment, deployment)
        desired = change.desired
        return desired is None or self.store.set_desired(desired, expected=desired)

    @make.register
    def _(self, change: UpdateTags, model_id: str) -> bool:
        self.registry.set_tags(model_id, change.version, change.tags)
        return True

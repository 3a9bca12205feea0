"""Requests to deploy: each sets the desired deployment, adds a record, starts the workflow.

In this order, so that whatever is lost on the way is seen by the next reconciliation: a desired
without a record, or a record without an execution.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.identity import deployment_id
from functions.common.deployments.record import Deployment, RequestedBy, Status, utc_now
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.workflow import Workflow

_EVENTS_DELAY = timedelta(seconds=10)
"""MLflow makes the event right after the registration, in the same process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployRequest:
    """Somebody wants this version served.

    Attributes:
        requested_at: The event's own time; the newest request wins by it.
        user_id: The operator who does; None for the registry.
        attempt: How often the request has been given a deployment, counting this one.
        allow_breaking: An operator accepts that callers of the live version are broken.
        registered_at: When the registry took the version in; None from an event, which does not
            say so.
        registry_version: The version that the registry's alias names; None where none decides.
    """

    model_id: str
    model_version: str
    requested_at: datetime
    origin: RequestedBy = RequestedBy.REGISTRY
    user_id: str | None = None
    attempt: int = 1
    allow_breaking: bool = False
    registered_at: datetime | None = None
    registry_version: str | None = None


class DeploymentRequests:
    """Takes requests; taking the same one again does nothing twice and answers the same."""

    def __init__(
        self,
        store: DeploymentStore,
        workflow: Workflow,
        *,
        installation: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._workflow = workflow
        self._installation = installation
        self._now = now

    def submit(self, request: DeployRequest) -> str:
        """The id of the deployment that fulfils *request*; its record and its execution exist.

        It becomes the desired one unless a newer request stands; then it soon ends as superseded.
        Errors of the table or the workflow pass through: whoever requests must try again then.
        """
        deployment = self._deployment(request)
        state = self._store.state(request.model_id)
        if found := next((each for each in state.deployments if _is_heard_of(request, each)), None):
            return found.id
        known = state.deployment(deployment.id)
        if known is None or known.status.in_progress:
            self._set_desired(request, deployment, state.desired)
            self._begin(deployment)
        return deployment.id

    def submit_if(
        self,
        desired: DesiredDeployment | None,
        request: DeployRequest,
        *,
        asked: DesiredDeployment | None = None,
    ) -> str | None:
        """Like `submit`, for one who has seen *desired* and knows better, whatever the times.

        With *asked*, this request of an operator goes on, and the deployment is there meanwhile.
        None, and nothing written, when another desired stands by now.
        """
        deployment = self._deployment(request)
        known = _registry_version(request, desired)
        if asked:
            as_desired = replace(asked, deployment_id=deployment.id, registry_version=known)
        else:
            as_desired = DesiredDeployment.of(deployment, registry_version=known)
        if not self._store.set_desired(as_desired, expected=desired):
            return None
        self._begin(deployment)
        return deployment.id

    def _deployment(self, request: DeployRequest) -> Deployment:
        id_ = deployment_id(
            request.model_id,
            request.model_version,
            request.requested_at,
            attempt=request.attempt,
            installation=self._installation,
        )
        now = self._now()
        return Deployment(
            id=id_,
            model_id=request.model_id,
            model_version=request.model_version,
            status=Status.PENDING,
            requested_at=request.requested_at,
            origin=request.origin,
            user_id=request.user_id,
            attempt=request.attempt,
            allow_breaking=request.allow_breaking or None,
            registered_at=request.registered_at,
            created_at=now,
            updated_at=now,
            execution_arn=self._workflow.execution_arn(id_),
        )

    def _set_desired(
        self, request: DeployRequest, deployment: Deployment, standing: DesiredDeployment | None
    ) -> None:
        """Make *deployment* the desired one, unless *standing* or what follows it is newer."""
        while True:
            desired = DesiredDeployment.of(
                deployment, registry_version=_registry_version(request, standing)
            )
            if not desired.is_newer_than(standing):
                return
            if self._store.set_desired(desired, expected=standing):
                return
            standing = self._store.desired(request.model_id)

    def _begin(self, deployment: Deployment) -> None:
        self._store.add(deployment)
        self._workflow.start(deployment.model_id, deployment.id)


def _is_heard_of(request: DeployRequest, deployment: Deployment) -> bool:
    """Return whether the reconciler has seen the registration before its event came.

    Then the request bears the time of the registration itself, and the event's is a little later.
    """
    if request.origin is RequestedBy.OPERATOR or deployment.model_version != request.model_version:
        return False
    seen = deployment.registered_at == deployment.requested_at
    return seen and timedelta(0) <= request.requested_at - deployment.requested_at <= _EVENTS_DELAY


def _registry_version(request: DeployRequest, standing: DesiredDeployment | None) -> str | None:
    """Return the alias's version as last known; the one at the time of an operator's request
    is looked at soon after."""
    if request.origin is RequestedBy.OPERATOR:
        return None
    return request.registry_version or (standing.registry_version if standing else None)

"""A wish becomes a model's target, a record and a running workflow.

In this order, so that whatever is lost on the way is seen by the next reconciliation: a target
without a record, or a record without an execution.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from functions.common.deployments.desired import Target
from functions.common.deployments.record import Deployment, Origin, Status, deployment_id
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.wish import Wish
from functions.common.deployments.workflow import Workflow

_EVENTS_DELAY = timedelta(seconds=10)
"""MLflow makes the event right after the registration, in the same process."""


class Intake:
    """Takes wishes; taking the same one again does nothing twice and answers the same."""

    def __init__(
        self,
        store: DeploymentStore,
        workflow: Workflow,
        *,
        installation: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._workflow = workflow
        self._installation = installation
        self._now = now

    def accept(self, wish: Wish) -> str:
        """The id of the deployment that fulfils *wish*; its record and its execution exist.

        It becomes the model's target unless a newer wish stands; then it soon ends as superseded.
        Errors of the table or the workflow pass through: whoever wishes must try again then.
        """
        deployment = self._deployment(wish)
        state = self._store.state(wish.model_id)
        if found := next((each for each in state.deployments if _is_heard_of(wish, each)), None):
            return found.id
        known = state.deployment(deployment.id)
        if known is None or known.status.coming_up:
            self._aim(wish, deployment)
            self._begin(deployment)
        return deployment.id

    def accept_instead_of(self, target: Target | None, wish: Wish) -> str | None:
        """Like `accept`, for one who has seen *target* and knows better, whatever the times.

        None, and nothing written, when another target stands by now.
        """
        deployment = self._deployment(wish)
        aimed = Target.of(deployment, registry_version=_registry_version(wish, target))
        if not self._store.set_target(aimed, instead_of=target):
            return None
        self._begin(deployment)
        return deployment.id

    def _deployment(self, wish: Wish) -> Deployment:
        id_ = deployment_id(
            wish.model_id,
            wish.model_version,
            wish.requested_at,
            attempt=wish.attempt,
            installation=self._installation,
        )
        now = self._now()
        return Deployment(
            id=id_,
            model_id=wish.model_id,
            model_version=wish.model_version,
            status=Status.PENDING,
            requested_at=wish.requested_at,
            origin=wish.origin,
            attempt=wish.attempt,
            registered_at=wish.registered_at,
            created_at=now,
            updated_at=now,
            execution_arn=self._workflow.execution_arn(id_),
        )

    def _aim(self, wish: Wish, deployment: Deployment) -> None:
        while True:
            standing = self._store.target(wish.model_id)
            aimed = Target.of(deployment, registry_version=_registry_version(wish, standing))
            if not aimed.is_newer_than(standing):
                return
            if self._store.set_target(aimed, instead_of=standing):
                return

    def _begin(self, deployment: Deployment) -> None:
        self._store.add(deployment)
        self._workflow.start(deployment.model_id, deployment.id)


def _is_heard_of(wish: Wish, deployment: Deployment) -> bool:
    """Whether the reconciler has seen the registration before its event came.

    Then the wish bears the time of the registration itself, and the event's is a little later.
    """
    if wish.origin is Origin.OPERATOR or deployment.model_version != wish.model_version:
        return False
    seen = deployment.registered_at == deployment.requested_at
    return seen and timedelta(0) <= wish.requested_at - deployment.requested_at <= _EVENTS_DELAY


def _registry_version(wish: Wish, standing: Target | None) -> str | None:
    """What the alias named last, as far as anybody knows; what it names while an operator speaks
    is looked at soon after."""
    if wish.origin is Origin.OPERATOR:
        return None
    return wish.registry_version or (standing.registry_version if standing else None)

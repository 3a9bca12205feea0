"""In-memory `DeploymentStore`; tests/contract holds it to what DynamoDB does."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import (
    ENDPOINT_FIELDS,
    Deployment,
    Status,
    newest_first,
)
from functions.common.deployments.store import (
    DeploymentChangedError,
    ModelState,
    SupersededError,
)


class FakeDeploymentStore:
    """Read `deployments` by id, `live_ids` and `desired_deployments` by model.

    Of the deployments it is made with, those that serve are live, and the newest one of every
    model is its desired.
    """

    def __init__(
        self,
        *deployments: Deployment,
        error: Exception | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.deployments = {deployment.id: deployment for deployment in deployments}
        self.live_ids = {
            deployment.model_id: deployment.id
            for deployment in deployments
            if deployment.status is Status.DEPLOYED
        }
        self.desired_deployments = {
            deployment.model_id: DesiredDeployment.of(deployment)
            for deployment in reversed(newest_first(deployments))
        }
        self.error = error
        self._now = now

    def add(self, deployment: Deployment) -> bool:
        self._fail()
        if deployment.id in self.deployments:
            return False
        self.deployments[deployment.id] = deployment
        return True

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        self._fail()
        found = self.deployments.get(deployment_id)
        return found if found and found.model_id == model_id else None

    def live(self, model_id: str) -> Deployment | None:
        self._fail()
        return self.deployments.get(self.live_ids.get(model_id, ""))

    def desired(self, model_id: str) -> DesiredDeployment | None:
        self._fail()
        return self.desired_deployments.get(model_id)

    def set_desired(
        self, desired: DesiredDeployment, *, expected: DesiredDeployment | None
    ) -> bool:
        self._fail()
        if _identity(self.desired_deployments.get(desired.model_id)) != _identity(expected):
            return False
        self.desired_deployments[desired.model_id] = desired
        return True

    def list_for_model(self, model_id: str) -> list[Deployment]:
        return list(self.state(model_id).deployments)

    def state(self, model_id: str) -> ModelState:
        self._fail()
        return ModelState(
            model_id=model_id,
            deployments=newest_first(
                each for each in self.deployments.values() if each.model_id == model_id
            ),
            live_id=self.live_ids.get(model_id),
            desired=self.desired_deployments.get(model_id),
        )

    def states(self) -> Iterator[ModelState]:
        models = {
            each.model_id for each in self.deployments.values()
        } | self.desired_deployments.keys()
        for model_id in sorted(models):
            yield self.state(model_id)

    def update(self, deployment: Deployment, **changes: Any) -> Deployment:
        self._fail()
        stored = self.deployments.get(deployment.id)
        if stored is None or stored.status != deployment.status:
            raise DeploymentChangedError(str(deployment))
        written = {**changes, "updated_at": self._now()}
        self.deployments[deployment.id] = stored.model_copy(update=written)
        return deployment.model_copy(update=written)

    def activate(self, deployment: Deployment) -> Deployment:
        serving = self.live(deployment.model_id)
        if serving and serving.id == deployment.id:
            return serving
        desired = self.desired_deployments.get(deployment.model_id)
        if desired is None or desired.deployment_id != deployment.id:
            raise SupersededError(str(desired))
        activated = self.update(
            deployment, status=Status.DEPLOYED, replaced_id=serving.id if serving else None
        )
        if serving:
            reason = f"Replaced by version {deployment.model_version}."
            self.update(serving, status=Status.STOPPED, reason=reason)
        self.live_ids[deployment.model_id] = deployment.id
        return activated

    def undeploy(self, deployment: Deployment, *, reason: str) -> Deployment:
        self._fail()
        desired = self.desired_deployments.get(deployment.model_id)
        requested = desired is not None and desired.deployment_id == deployment.id
        if requested or self.live_ids.get(deployment.model_id) != deployment.id:
            raise DeploymentChangedError(str(deployment))
        del self.live_ids[deployment.model_id]
        return self.update(self.deployments[deployment.id], status=Status.STOPPED, reason=reason)

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        self._fail()
        giving, taking = self.deployments[earlier.id], self.deployments[to.id]
        left = giving.status is Status.STOPPED and not giving.handed_to and not giving.removing
        if not left or taking.status != to.status:
            return None
        given = {name: getattr(earlier, name) for name in ENDPOINT_FIELDS}
        self.update(giving, handed_to=to.id)
        self.update(to, **given, adopted_from=earlier.endpoint_deployment_id)
        return self.deployments[to.id]

    def begin_removal(self, deployment: Deployment) -> bool:
        self._fail()
        stored = self.deployments.get(deployment.id)
        if stored is None or stored.handed_to:
            return False
        self.deployments[deployment.id] = stored.model_copy(update={"removing": True})
        return True

    def _fail(self) -> None:
        if self.error:
            raise self.error


def _identity(desired: DesiredDeployment | None) -> tuple[datetime, str | None] | None:
    return None if desired is None else (desired.requested_at, desired.deployment_id)

"""In-memory `DeploymentStore`; tests/contract holds it to what DynamoDB does."""

from datetime import UTC, datetime
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentChangedError, SupersededError


class FakeDeploymentStore:
    """Read `deployments` (by id) and `live_ids` (by model) to see what was stored."""

    def __init__(self, *deployments: Deployment, error: Exception | None = None) -> None:
        self.deployments = {deployment.id: deployment for deployment in deployments}
        self.live_ids = {
            deployment.model_id: deployment.id
            for deployment in deployments
            if deployment.status is Status.DEPLOYED
        }
        self.error = error

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

    def of_model(self, model_id: str) -> list[Deployment]:
        self._fail()
        found = [each for each in self.deployments.values() if each.model_id == model_id]
        return sorted(found, key=lambda each: each.requested_at, reverse=True)

    def update(self, deployment: Deployment, **changes: Any) -> Deployment:
        self._fail()
        stored = self.deployments.get(deployment.id)
        if stored is None or stored.status != deployment.status:
            raise DeploymentChangedError(str(deployment))
        written = {**changes, "updated_at": datetime.now(UTC)}
        self.deployments[deployment.id] = stored.model_copy(update=written)
        return deployment.model_copy(update=written)

    def activate(self, deployment: Deployment) -> Deployment:
        serving = self.live(deployment.model_id)
        if serving and serving.id == deployment.id:
            return serving
        if serving and serving.requested_at >= deployment.requested_at:
            raise SupersededError(str(serving))
        activated = self.update(
            deployment, status=Status.DEPLOYED, replaced_id=serving.id if serving else None
        )
        if serving:
            reason = f"Replaced by version {deployment.model_version}."
            self.update(serving, status=Status.STOPPED, reason=reason)
        self.live_ids[deployment.model_id] = deployment.id
        return activated

    def _fail(self) -> None:
        if self.error:
            raise self.error

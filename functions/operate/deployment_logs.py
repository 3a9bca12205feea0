"""The container's own log of a deployment, for people who may deploy."""

from dataclasses import dataclass
from typing import Any, Literal

from functions.common.deployments.identity import is_id
from functions.common.deployments.record import Deployment, utc_text
from functions.common.deployments.store import DeploymentStore
from functions.common.endpoint_logs.kept import KeptLogs
from functions.common.endpoint_logs.redaction import redacted
from functions.common.errors import NotFoundError, ServiceUnavailableError
from functions.common.providers.base import ProviderRefusedError, ProviderUnavailableError
from functions.common.providers.endpoint_logs import EndpointLogs


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentLog:
    """A log without secrets.

    Attributes:
        source: The endpoint, as it is now, or what was kept of one that had failed.
        kept_at: When that was; None for a log from the endpoint.
    """

    model_id: str
    deployment_id: str
    source: Literal["endpoint", "kept"]
    kept_at: str | None
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentLogs:
    """Finds logs: at the provider while the endpoint stands, then what was kept."""

    store: DeploymentStore
    logs: EndpointLogs
    kept: KeptLogs

    def get(self, model_id: str, deployment_id: str) -> DeploymentLog:
        """Return the log of a deployment.

        Raises: NotFoundError (no such deployment, or no log of it), ServiceUnavailableError.
        """
        # Other sort keys than UUIDs are not deployments.
        found = self.store.get(model_id, deployment_id) if is_id(deployment_id) else None
        if found is None:
            raise NotFoundError("The model has no deployment of this id.")
        names: dict[str, Any] = {"model_id": model_id, "deployment_id": deployment_id}
        text, unavailable = self._from_endpoint(found)
        if text:
            return DeploymentLog(**names, source="endpoint", kept_at=None, log=text)
        if kept := self.kept.get(model_id, deployment_id):
            kept_at = utc_text(kept.kept_at)
            return DeploymentLog(**names, source="kept", kept_at=kept_at, log=kept.text)
        if unavailable:
            raise ServiceUnavailableError("The provider of the endpoint could not be asked.")
        raise NotFoundError("There is no log of this deployment.")

    def _from_endpoint(self, deployment: Deployment) -> tuple[str, bool]:
        """Return the log, and whether the provider could not be asked for it."""
        endpoint = deployment.endpoint
        if endpoint.name is None or endpoint.removed or endpoint.handed_to:
            return "", False
        try:
            return redacted(self.logs.read(endpoint.name), endpoint.secret), False
        except (ProviderUnavailableError, ProviderRefusedError):
            return "", True

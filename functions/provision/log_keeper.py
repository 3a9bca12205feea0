"""Keeps the log of an endpoint that has failed, before its deletion takes it away."""

from dataclasses import dataclass

from functions.common.deployments.record import Deployment
from functions.common.endpoint_logs.kept import KeptLogs
from functions.common.endpoint_logs.redaction import redacted
from functions.common.observability import make_logger
from functions.common.providers.base import Endpoint
from functions.common.providers.endpoint_logs import EndpointLogs

logger = make_logger("provision")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeeper:
    """Keeps logs as well as it can: nothing that goes wrong here may keep an endpoint alive."""

    logs: EndpointLogs
    kept: KeptLogs

    def keep(self, deployment: Deployment, endpoint: Endpoint) -> None:
        """Keep the end of the endpoint's log, or at least the provider's own words on its state."""
        try:
            text = self._log_of(endpoint) or endpoint.message
            clean = redacted(text, deployment.endpoint.secret)
            if clean.strip():
                self.kept.keep(deployment.model_id, deployment.id, clean)
        except Exception:
            logger.exception("log.not_kept", model_id=deployment.model_id)

    def _log_of(self, endpoint: Endpoint) -> str:
        try:
            return self.logs.read(endpoint.name)
        except Exception:
            logger.exception("log.not_read", endpoint=endpoint.name)
            return ""

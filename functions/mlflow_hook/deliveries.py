"""Deliveries that are known to be MLflow's: read, carried out, logged and answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.reconciliation import Reconciliation
from functions.common.deployments.record import utc_now
from functions.common.deployments.requests import DeploymentRequests, DeployRequest
from functions.common.deployments.times import is_ahead
from functions.common.errors import InvalidRequestError
from functions.common.observability import make_logger
from functions.mlflow_hook.events import Changed, Ignored, read_event

logger = make_logger("mlflow_hook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Accepts deliveries."""

    policy: DeployPolicy
    requests: DeploymentRequests
    reconciliation: Reconciliation
    now: Callable[[], datetime] = utc_now

    def accept(self, body: bytes, *, request_id: str) -> tuple[int, dict[str, Any]]:
        """Return status and JSON of the answer: 202 with the deployment's id or just the model's,
        or 200 "ignored".

        Raises: InvalidRequestError (MLflow gives up; what it has registered is found by the next
        reconciliation, once its time has come). Anything else must make MLflow try again.
        """
        match read_event(body, self.policy):
            case Ignored(reason):
                logger.info("delivery.ignored", reason=reason, request_id=request_id)
                return 200, {"status": "ignored", "reason": reason}
            case Changed(model_id):
                self.reconciliation.request(model_id)
                return _accepted({"model_id": model_id}, request_id)
            case DeployRequest() as request:
                self._check_time(request)
                accepted = {
                    "deployment_id": self.requests.submit(request),
                    "model_id": request.model_id,
                    "model_version": request.model_version,
                }
                return _accepted(accepted, request_id)

    def _check_time(self, request: DeployRequest) -> None:
        """Raises: InvalidRequestError."""
        if is_ahead(request.requested_at, self.now()):
            raise InvalidRequestError(
                "The event's time is more than 5 minutes ahead. Set the clock of MLflow's server."
            )


def _accepted(payload: dict[str, Any], request_id: str) -> tuple[int, dict[str, Any]]:
    logger.info("delivery.accepted", request_id=request_id, **payload)
    return 202, {"status": "accepted", **payload}

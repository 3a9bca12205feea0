"""A delivery that is known to be MLflow's: what is done, logged and answered."""

from typing import Any

from functions.common.deployments.requests import DeployRequest
from functions.common.observability import make_logger
from functions.mlflow_hook import composition
from functions.mlflow_hook.events import Changed, Ignored, read_event

logger = make_logger("mlflow_hook")


def accept_delivery(body: bytes, *, request_id: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer: 202 with the deployment's id or just the model's, or 200
    "ignored".

    Raises: InvalidRequestError (MLflow gives up). Anything else must make MLflow try again.
    """
    match read_event(body, composition.policy()):
        case Ignored(reason):
            logger.info("delivery.ignored", reason=reason, request_id=request_id)
            return 200, {"status": "ignored", "reason": reason}
        case Changed(model_id):
            composition.reconciliation().request(model_id)
            return _accepted({"model_id": model_id}, request_id)
        case DeployRequest() as request:
            accepted = {
                "deployment_id": composition.requests().submit(request),
                "model_id": request.model_id,
                "model_version": request.model_version,
            }
            return _accepted(accepted, request_id)


def _accepted(payload: dict[str, Any], request_id: str) -> tuple[int, dict[str, Any]]:
    logger.info("delivery.accepted", request_id=request_id, **payload)
    return 202, {"status": "accepted", **payload}

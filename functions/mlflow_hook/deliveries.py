"""A delivery that is known to be MLflow's: what is done, logged and answered."""

from typing import Any

from functions.common.observability import make_logger
from functions.mlflow_hook.events import Ignored, read_event
from functions.mlflow_hook.intake import intake

logger = make_logger("mlflow_hook")


def accept_delivery(body: bytes, *, request_id: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer: 202 with the deployment's id, or 200 "ignored".

    Raises: InvalidRequestError (MLflow gives up). Anything else must make MLflow try again.
    """
    event = read_event(body)
    if isinstance(event, Ignored):
        logger.info("delivery.ignored", reason=event.reason, request_id=request_id)
        return 200, {"status": "ignored", "reason": event.reason}
    deployment_id = intake().accept(event)
    logger.info(
        "delivery.accepted",
        deployment_id=deployment_id,
        model_id=event.model_id,
        model_version=event.model_version,
        request_id=request_id,
    )
    return 202, {
        "status": "accepted",
        "deployment_id": deployment_id,
        "model_id": event.model_id,
        "model_version": event.model_version,
    }

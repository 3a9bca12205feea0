"""The JSON that callers get; nothing of the provider's own is in it."""

from datetime import UTC, datetime
from typing import Any

from functions.common.deployments.record import Deployment, Status, utc_text
from functions.common.errors import ModelNotFoundError
from functions.predict.prediction import Prediction


def prediction_answer(prediction: Prediction, *, request_id: str) -> dict[str, Any]:
    """The answer to a predict call."""
    deployment = prediction.deployment
    return {
        "model_id": deployment.model_id,
        "model_version": deployment.model_version,
        "predictions": prediction.values,
        "metadata": {
            "provider": deployment.provider,
            "deployment_id": deployment.id,
            "request_id": request_id,
            "latency_ms": round(prediction.latency_ms, 1),
        },
        "timestamp": utc_text(datetime.now(UTC)),
    }


def model_answer(model_id: str, deployments: list[Deployment]) -> dict[str, Any]:
    """A model with all its deployments, the newest wish first.

    `model_version`, the schemas and the example are those of the live deployment; before the
    first one they are the newest's. `status` is `deployed` as long as any deployment serves.

    Raises: ModelNotFoundError (there are no deployments).
    """
    if not deployments:
        raise ModelNotFoundError("No model of this name has been registered for deployment.")
    serving = next((each for each in deployments if each.status is Status.DEPLOYED), None)
    shown = serving or deployments[0]
    return {
        "model_id": model_id,
        "model_version": shown.model_version,
        "status": shown.status,
        "input_schema": shown.input_schema,
        "output_schema": shown.output_schema,
        "params_schema": shown.params_schema,
        "input_example": shown.input_example,
        "deployments": [_deployment(each) for each in deployments],
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    return deployment.model_dump(
        mode="json",
        include={
            "id",
            "model_version",
            "status",
            "origin",
            "requested_at",
            "updated_at",
            "reason",
            "retryable",
            "timeline",
        },
    )

"""The JSON that callers of predict get; nothing of the provider's own is in it."""

from datetime import UTC, datetime
from typing import Any

from functions.common.deployments.record import utc_text
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

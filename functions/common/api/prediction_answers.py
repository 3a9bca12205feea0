"""The answer to a predict call: callers get it from `predict`, and `verify` makes it as well."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from functions.common.deployments.record import Deployment, utc_text


def prediction_answer(
    deployment: Deployment, predictions: Any, *, latency_ms: float, request_id: str
) -> bytes:
    """Return the JSON answer to a predict call; nothing of the provider's own is in it."""
    answer = {
        "model_id": deployment.model_id,
        "model_version": deployment.model_version,
        "predictions": predictions,
        "metadata": {
            "provider": deployment.provider,
            "deployment_id": deployment.id,
            "request_id": request_id,
            "latency_ms": round(latency_ms, 1),
        },
        "timestamp": utc_text(datetime.now(UTC)),
    }
    # A number like 1e999 is JSON, and read as infinity, which is not.
    return to_json(answer, inf_nan_mode="null")

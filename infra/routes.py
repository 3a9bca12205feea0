"""The table of routes: method, path, function, and who may call."""

from dataclasses import dataclass

from infra.function_spec import FunctionSpec
from infra.functions import DESCRIBE, MLFLOW_HOOK, OPERATE, PREDICT


@dataclass(frozen=True)
class Route:
    """A method of an address below the base path; *open_because*: why it needs no API key."""

    method: str
    path: str
    spec: FunctionSpec
    open_because: str = ""


ROUTES = (
    Route("POST", "models/{model_id}/predict", PREDICT),
    Route("GET", "models", DESCRIBE),
    Route("GET", "models/{model_id}", DESCRIBE),
    Route("GET", "models/{model_id}/info", DESCRIBE),
    Route("GET", "models/{model_id}/openapi.json", DESCRIBE),
    Route("POST", "models/{model_id}/deployments", OPERATE),
    Route("DELETE", "models/{model_id}/deployments", OPERATE),
    Route("POST", "models/{model_id}/deployments/reconcile", OPERATE),
    Route("GET", "models/{model_id}/deployments/{deployment_id}", DESCRIBE),
    Route("GET", "models/{model_id}/deployments/{deployment_id}/logs", OPERATE),
    Route("POST", "models/{model_id}/deployments/{deployment_id}/redrive", OPERATE),
    Route("GET", "models/{model_id}/usage", OPERATE),
    Route("GET", "docs", DESCRIBE, "A public document."),
    Route("GET", "docs/{asset}", DESCRIBE, "A public document."),
    Route("GET", "health", DESCRIBE, "A public document."),
    Route("GET", "openapi.json", DESCRIBE, "A public document."),
    Route("POST", "webhooks/mlflow", MLFLOW_HOOK, "Signed by MLflow; the function checks."),
)
"""All methods of an address stand together, have one function, and need a key or do not."""

BASE_PATH = "/api/v1"

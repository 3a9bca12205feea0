"""Parameters that several routes refer to, or that would crowd a route's own description."""

from functions.describe.docs_page.assets import PAGE, assets
from functions.describe.openapi import Json

PATH_PARAMETERS: Json = {
    "ModelId": {
        "name": "model_id",
        "in": "path",
        "required": True,
        "description": "The registered model's name, percent-encoded.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[^/:]+$"},
    },
    "DeploymentId": {
        "name": "deployment_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
    },
    "Asset": {
        "name": "asset",
        "in": "path",
        "required": True,
        "description": "The file's name.",
        "schema": {"type": "string", "enum": sorted(set(assets()) - {PAGE})},
    },
    "DryRun": {
        "name": "dry_run",
        "in": "query",
        "description": "Only say what differs.",
        "schema": {"type": "boolean", "default": False},
    },
}


def _of_mlflow(name: str, description: str) -> Json:
    schema: Json = {"type": "string", "minLength": 1}
    return {
        "name": f"X-MLflow-{name}",
        "in": "header",
        "required": True,
        "description": description,
        "schema": schema,
    }


WEBHOOK_PARAMETERS: Json = {
    "MlflowSignature": _of_mlflow("Signature", "`v1,` and the HMAC-SHA256 in base64."),
    "MlflowTimestamp": _of_mlflow("Timestamp", "Unix seconds of the first attempt."),
    "MlflowDeliveryId": _of_mlflow("Delivery-Id", "The delivery's id."),
}

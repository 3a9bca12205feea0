"""The document of one model."""

from urllib.parse import quote

from functions.common.deployments.record import Deployment
from functions.describe.openapi import Json
from functions.describe.openapi.answers import (
    model_schemas,
    prediction_schemas,
    schema_ref,
)
from functions.describe.openapi.bodies import REQUEST
from functions.describe.openapi.operations import model_operation, predict_operation
from functions.describe.openapi.output_types import predictions_schema
from functions.describe.openapi.parts import document
from functions.describe.openapi.request_types import request_schemas


def model_document(deployment: Deployment, api_url: str) -> Json:
    """Of the model that *deployment* stands for; *api_url* has no slash at its end."""
    name, version = deployment.model_id, deployment.model_version
    path = f"/models/{quote(name, safe='')}"
    example = deployment.input_example
    return document(
        info={
            "title": f"Model {name}",
            "version": version,
            "description": (
                f"Version {version} of {name}. Input that does not fit its signature is told what "
                "does not, and where (`invalid_input`). The answer names the version that gave it."
            ),
        },
        server=api_url,
        paths={
            path: {"get": model_operation()},
            f"{path}/predict": {
                "post": predict_operation(
                    schema_ref(REQUEST),
                    examples={"input_example": {"value": example}} if example else None,
                )
            },
        },
        schemas={
            **request_schemas(deployment),
            **prediction_schemas(predictions_schema(deployment)),
            **model_schemas(),
        },
    )

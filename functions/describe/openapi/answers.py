"""The schemas of what the API answers when all is well."""

from functions.common.circuits.state import Circuit
from functions.common.deployments.record import RequestedBy, Status
from functions.describe.openapi import Json

_TEXT: Json = {"type": "string"}
_MOMENT: Json = {"type": "string", "format": "date-time", "description": "In UTC."}
_LINK: Json = {"type": "string", "format": "uri"}
_STATUS: Json = {
    "title": "Status",
    "type": "string",
    "enum": [each.value for each in Status],
    "description": (
        "`pending` and `deploying`: coming up; `deployed`: it answers predictions; `stopped`: it "
        "was replaced or taken down; `failed`: `reason` says why."
    ),
}
_VERSION: Json = {"type": "string", "description": "The version's number in the registry."}
_CIRCUIT: Json = {
    "title": "Circuit",
    "type": "string",
    "enum": [each.value for each in Circuit],
    "description": (
        "The circuit breaker of a deployment: `open` while its endpoint keeps failing and is left "
        "alone, `half_open` while it is tried."
    ),
}
_PART: Json = {
    "title": "SignaturePart",
    "type": "object",
    "description": "A column, a tensor or a param, as MLflow writes it.",
}
_SIGNATURE: Json = {
    "type": ["array", "null"],
    "items": {"$ref": "#/components/schemas/SignaturePart"},
    "description": "As in the model's signature in MLflow; null where it has none.",
}


def schema_ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(properties: Json, *, optional: tuple[str, ...] = (), **more: object) -> Json:
    """The schema of an object with these *properties*, of which all but *optional* are there."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def prediction_answer(predictions: Json) -> Json:
    """Of the answer to a predict call, with the schema of what the model says."""
    return an_object(
        {
            "model_id": _TEXT,
            "model_version": {**_VERSION, "description": "The version that answered."},
            "predictions": predictions,
            "metadata": schema_ref("PredictionMetadata"),
            "timestamp": _MOMENT,
        },
        title="Prediction",
    )


def prediction_schemas(predictions: Json) -> Json:
    """What a document with the predict route refers to."""
    metadata = an_object(
        {
            "provider": {**_TEXT, "description": "Who runs the model's endpoint."},
            "deployment_id": {**_TEXT, "description": "The deployment that answered."},
            "request_id": _TEXT,
            "latency_ms": {
                "type": "number",
                "minimum": 0,
                "description": "Milliseconds that the model's endpoint took.",
            },
        },
        title="PredictionMetadata",
    )
    return {"Prediction": prediction_answer(predictions), "PredictionMetadata": metadata}


def model_schemas() -> Json:
    """What a document with the route of a model refers to."""
    return {
        "Status": _STATUS,
        "Circuit": _CIRCUIT,
        "SignaturePart": _PART,
        "Model": an_object(
            {
                "model_id": {**_TEXT, "description": "The registered model's name."},
                "model_version": _VERSION,
                "status": schema_ref("Status"),
                "circuit": {
                    "anyOf": [schema_ref("Circuit"), {"type": "null"}],
                    "description": "Of what serves; null while nothing does.",
                },
                "input_schema": _SIGNATURE,
                "output_schema": _SIGNATURE,
                "params_schema": _SIGNATURE,
                "input_example": {
                    "type": ["object", "null"],
                    "description": "A body for predict; null where none was logged.",
                },
                "deployments": {
                    "type": "array",
                    "items": schema_ref("Deployment"),
                    "description": "Every one there has been, the newest request first.",
                },
            },
            title="Model",
        ),
        "Deployment": _deployment(),
        "TimelineEntry": an_object(
            {"step": _TEXT, "time": _MOMENT, "outcome": _TEXT}, title="TimelineEntry"
        ),
    }


def list_schemas() -> Json:
    """What a document with the list of models refers to, beside `model_schemas`."""
    return {
        "ModelList": an_object(
            {
                "models": {"type": "array", "items": schema_ref("ListedModel")},
                "next_cursor": {
                    **_TEXT,
                    "description": "The next page's `cursor`; absent on the last page.",
                },
            },
            optional=("next_cursor",),
            title="ModelList",
        ),
        "ListedModel": an_object(
            {
                "model_id": _TEXT,
                "status": schema_ref("Status"),
                "model_version": {
                    "type": ["string", "null"],
                    "description": "What serves, or comes up; null: the model is taken down.",
                },
                "updated_at": _MOMENT,
                "links": schema_ref("ModelLinks"),
            },
            title="ListedModel",
        ),
        "ModelLinks": an_object(
            {"self": _LINK, "predict": _LINK, "openapi": _LINK}, title="ModelLinks"
        ),
    }


def _deployment() -> Json:
    return an_object(
        {
            "id": {"type": "string", "format": "uuid"},
            "model_version": _VERSION,
            "status": schema_ref("Status"),
            "origin": {
                "type": "string",
                "enum": [each.value for each in RequestedBy],
                "description": "Who requested it.",
            },
            "requested_at": _MOMENT,
            "updated_at": _MOMENT,
            "reason": {"type": ["string", "null"], "description": "Why it failed or stopped."},
            "retryable": {
                "type": "boolean",
                "description": "Whether it failed for a cause that may pass by itself.",
            },
            "timeline": {"type": "array", "items": schema_ref("TimelineEntry")},
        },
        title="Deployment",
    )

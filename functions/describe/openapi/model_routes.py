"""The routes of models, for any model."""

from functions.describe.model_list import DEFAULT_LIMIT, MAX_LIMIT
from functions.describe.openapi import Json
from functions.describe.openapi.answers import schema_ref
from functions.describe.openapi.bodies import REQUEST
from functions.describe.openapi.operations import (
    WITH_MODEL,
    answer,
    model_operation,
    operation,
    predict_operation,
)

_PAGING: list[Json] = [
    {
        "name": "limit",
        "in": "query",
        "description": "Models on a page, at most.",
        "schema": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_LIMIT,
            "default": DEFAULT_LIMIT,
        },
    },
    {
        "name": "cursor",
        "in": "query",
        "description": "`next_cursor` of the page before.",
        "schema": {"type": "string"},
    },
]
_ONE = ("ModelId",)
_EXAMPLES: Json = {
    "tensor": {"value": {"inputs": [[5.1, 3.5, 1.4, 0.2]]}},
    "table": {"value": {"dataframe_records": [{"name": "Ada"}], "params": {"times": 2}}},
}


def model_paths() -> Json:
    """Path items by path."""
    listing = operation(
        "list_models",
        "All models by name, a page at a time",
        tag="Models",
        description="A change may be missing for less than a second.",
        responses={"200": answer(schema_ref("ModelList"), "A page of models.")},
    )
    listing["parameters"] = [*_PAGING, *listing["parameters"]]
    return {
        "/models": {"get": listing},
        "/models/{model_id}": {"get": model_operation(parameters=_ONE)},
        "/models/{model_id}/info": {
            "get": model_operation(
                "get_model_info", description="An alias of the model.", parameters=_ONE
            )
        },
        "/models/{model_id}/openapi.json": {
            "get": operation(
                "get_model_openapi",
                "The model's own OpenAPI document, with its columns or tensors typed",
                tag="Documents",
                responses={"200": answer(schema_ref("OpenApiDocument"), "The document.")},
                codes=WITH_MODEL,
                parameters=_ONE,
            )
        },
        "/models/{model_id}/predict": {
            "post": predict_operation(schema_ref(REQUEST), examples=_EXAMPLES, parameters=_ONE)
        },
    }

"""Operations of a document: what each takes, answers, and can fail with."""

from collections.abc import Sequence
from typing import Any

from functions.describe.openapi import Json
from functions.describe.openapi.answers import schema_ref
from functions.describe.openapi.headers import header_refs, parameter_refs
from functions.describe.openapi.problems import problem_responses

BEARER = "bearer"
ALWAYS = ("internal_error", "invalid_request", "provider_timeout", "rate_limited")
"""What any route can fail with: API Gateway's own limits and time-out among them."""
WITH_KEY = ("auth_unavailable", "forbidden", "insufficient_balance", "unauthorized")
WITH_MODEL = ("model_not_found", "not_found")
WITH_BODY = ("invalid_json", "payload_too_large", "unsupported_media_type")
OF_PREDICTING = (
    "circuit_open",
    "invalid_input",
    "model_not_ready",
    "model_rejected_input",
    "model_warming_up",
    "provider_error",
)
_TIMED = ("X-Request-Id", "Server-Timing")


def operation(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    responses: Json,
    codes: Sequence[str] = (),
    public: bool = False,
    parameters: Sequence[str] = (),
    **more: Any,
) -> Json:
    """One operation; *codes* come to those that every route has, or every one with a key."""
    failures = problem_responses([*ALWAYS, *(() if public else WITH_KEY), *codes])
    return {
        "operationId": operation_id,
        "summary": summary,
        "tags": [tag],
        **({"security": []} if public else {}),
        "parameters": parameter_refs(*parameters, "RequestId"),
        **more,
        "responses": responses | failures,
    }


def answer(schema: Json, description: str, *, headers: Sequence[str] = _TIMED) -> Json:
    """A response of JSON."""
    return {
        "description": description,
        "headers": header_refs(*headers),
        "content": {"application/json": {"schema": schema}},
    }


def json_body(schema: Json, *, description: str, examples: Json | None = None) -> Json:
    """A request's body."""
    content: Json = {"schema": schema, **({"examples": examples} if examples else {})}
    return {
        "required": True,
        "description": description,
        "content": {"application/json": content},
    }


def predict_operation(
    body: Json, *, examples: Json | None = None, parameters: Sequence[str] = ()
) -> Json:
    """Of the predict route, with the schema of its *body*."""
    return operation(
        "predict",
        "Have the model predict",
        tag="Models",
        description=(
            "Answers within 25 seconds. A model that has scaled to zero is woken by the first "
            "request, which is told `model_warming_up` within a second, unless it would rather wait"
            " (`Prefer`)."
        ),
        parameters=[*parameters, "Prefer", "IdempotencyKey"],
        requestBody=json_body(
            body,
            description="At most 6 MB, also when it was compressed (`Content-Encoding: gzip`).",
            examples=examples,
        ),
        responses={
            "200": answer(
                schema_ref("Prediction"),
                "What the model predicts.",
                headers=(*_TIMED, "Idempotency-Replayed"),
            )
        },
        codes=(*WITH_MODEL, *WITH_BODY, *OF_PREDICTING),
    )


def model_operation(
    operation_id: str = "get_model", *, parameters: Sequence[str] = (), **more: Any
) -> Json:
    """Of the route of a model."""
    return operation(
        operation_id,
        "What is known of the model",
        tag="Models",
        parameters=parameters,
        responses={"200": answer(schema_ref("Model"), "Its state, schemas and history.")},
        codes=WITH_MODEL,
        **more,
    )

"""From API Gateway's event to bytes, and from answers and errors to responses."""

import json
from base64 import b64decode
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic_core import to_json

from functions.common import problem
from functions.common.api.content_coding import decoded
from functions.common.errors import ServiceError

REPLAYED = {"Idempotency-Replayed": "true"}
"""The header of an answer that was given before."""


def body_of(event: APIGatewayProxyEvent) -> bytes:
    """The raw body, inflated if it came compressed.

    A lone surrogate must reach the JSON parser and be refused there.

    Raises: UnsupportedMediaTypeError, InvalidRequestError, PayloadTooLargeError.
    """
    text = event.body or ""
    raw = b64decode(text) if event.is_base64_encoded else text.encode("utf-8", "surrogatepass")
    return decoded(raw, coding=event.headers.get("content-encoding"))


def json_response(answer: dict[str, Any], *, status: int = 200) -> Response[str]:
    """*answer* as JSON that nobody keeps."""
    return json_bytes_response(to_json(answer), status=status)


def json_bytes_response(
    answer: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[str]:
    """*answer*, which is JSON already."""
    return Response(
        status_code=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
        body=answer.decode(),
    )


def problem_response(error: ServiceError, *, request_id: str) -> Response[str]:
    """*error* as problem+json."""
    body = problem.problem(error, detail=error.detail, request_id=request_id)
    return Response(
        status_code=error.status, headers=dict(problem.headers(error)), body=json.dumps(body)
    )

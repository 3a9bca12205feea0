"""From API Gateway's event to bytes, and from answers and errors to responses."""

import json
from base64 import b64decode
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic_core import to_json

from functions.common import problem
from functions.common.errors import ServiceError


def body_of(event: APIGatewayProxyEvent) -> bytes:
    """The raw body; a lone surrogate must reach the JSON parser and be refused there."""
    if event.is_base64_encoded:
        return b64decode(event.body or "")
    return (event.body or "").encode("utf-8", "surrogatepass")


def json_response(answer: dict[str, Any], *, status: int = 200) -> Response[str]:
    """*answer* as JSON that nobody keeps."""
    return Response(
        status_code=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
        body=to_json(answer).decode(),
    )


def problem_response(error: ServiceError, *, request_id: str) -> Response[str]:
    """*error* as problem+json."""
    body = problem.problem(error, detail=error.detail, request_id=request_id)
    return Response(
        status_code=error.status, headers=dict(problem.headers(error)), body=json.dumps(body)
    )

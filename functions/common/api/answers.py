"""Answers of the functions behind API Gateway: what every one carries, and how errors become
answers, with a router or without."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from functions.common import problem
from functions.common.api import cors
from functions.common.api.gateway_event import RequestContext
from functions.common.aws_errors import service_unavailable
from functions.common.errors import (
    AnswerTooLargeError,
    MethodNotAllowedError,
    NotFoundError,
    ServiceError,
)
from functions.common.observability import count_internal_error, failed
from functions.common.payload import ANY_TEXT_BYTES, MAX_BYTES, fits_as_text
from functions.common.wide_event import FIRST_FAULT

type Answer = dict[str, Any]
"""A proxy integration's answer, with `multiValueHeaders`."""


def answered(
    event: Mapping[str, Any],
    respond: Callable[[RequestContext], Answer],
    *,
    logger: Logger,
) -> Answer:
    """Answer a proxy event by *respond*, with the headers that every answer has.

    Whatever it raises is answered as a problem. The request's wide event is written.

    Raises: FunctionFailedError.
    """
    try:
        request = RequestContext.from_event(event)
        logger.append_keys(request_id=request.id, gateway_request_id=request.gateway_id)
        answer = _answer_or_refusal(request, respond, logger)
        answer["multiValueHeaders"] |= _headers_of_every_answer(answer, request)
        _write_event(request, answer, logger.service)
    except Exception as error:  # noqa: BLE001 - logged, and raised in our own words
        raise failed(error, logger) from None
    return answer


def answer_of(
    *, status: int, headers: Mapping[str, str], body: str, is_base64: bool = False
) -> Answer:
    """Return the answer with this body."""
    return {
        "statusCode": status,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": body,
        "isBase64Encoded": is_base64,
    }


def json_answer(content: bytes, *, headers: Mapping[str, str]) -> Answer:
    """Return the answer 200 with *content*, which is JSON already. Raises: AnswerTooLargeError."""
    body, is_base64 = body_of(content)
    headers = {"Content-Type": "application/json", **headers}
    return answer_of(status=200, headers=headers, body=body, is_base64=is_base64)


def body_of(content: bytes) -> tuple[str, bool]:
    """Return *content* as a function returns it, and whether that is base64.

    Raises: AnswerTooLargeError.
    """
    if len(content) > MAX_BYTES:
        raise AnswerTooLargeError("The answer is larger than 4 MB.")
    is_base64 = len(content) > ANY_TEXT_BYTES and not fits_as_text(content)
    return (b64encode(content) if is_base64 else content).decode(), is_base64


def no_route(method: str, allowed: Sequence[str]) -> ServiceError:
    """Return why nothing answers *method* at an address that takes those *allowed*.

    API Gateway routes every method here that a resource lacks; unknown addresses, which take none,
    come only where its resources and the function's routes differ.
    """
    if allowed and method not in allowed:
        detail = f"This address takes {' and '.join(allowed)}."
        return MethodNotAllowedError(detail, allowed=allowed)
    return NotFoundError("There is nothing at this address.")


def _answer_or_refusal(
    request: RequestContext,
    respond: Callable[[RequestContext], Answer],
    logger: Logger,
) -> Answer:
    try:
        return respond(request)
    except Exception as error:  # noqa: BLE001 - the caller gets a problem
        return _refusal(error, request, logger)


def _refusal(error: Exception, request: RequestContext, logger: Logger) -> Answer:
    """Turn an error into an answer. Its detail can quote the body, so it is not logged."""
    if not isinstance(error, ServiceError):
        logger.error("request.failed", exc_info=error)
        passing = service_unavailable(error)
        if passing is None:
            count_internal_error(logger.service)
        error = passing or ServiceError("Something went wrong on our side.")
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    request.wide_event.note(code=error.code, cause=cause)
    body = problem.problem(error, detail=error.detail, request_id=request.id)
    return answer_of(status=error.status, headers=problem.headers(error), body=json.dumps(body))


def _write_event(request: RequestContext, answer: Answer, service: str) -> None:
    event, status, timings = request.wide_event, answer["statusCode"], request.timings
    event.note(
        status=status,
        request_id=request.id,
        gateway_request_id=request.gateway_id,
        auth_ms=timings.ms("auth"),
        lookup_ms=timings.ms("lookup"),
        provider_ms=timings.ms("provider"),
        bytes_out=_body_bytes(answer),
    )
    event.write(service, latency_ms=timings.total_ms(), is_fault=status >= FIRST_FAULT)


def _body_bytes(answer: Answer) -> int:
    """Return the length of the body as the caller gets it."""
    text = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        return len(text) // 4 * 3 - text.count("=", -2)
    return len(text) if text.isascii() else len(text.encode())


def _headers_of_every_answer(answer: Answer, request: RequestContext) -> dict[str, list[str]]:
    headers = {"X-Request-Id": request.id, "Server-Timing": request.timings.header()}
    if "Cache-Control" not in answer["multiValueHeaders"]:
        headers["Cache-Control"] = "no-store"
    if allowed := cors.allowed_origins():
        headers |= cors.headers(request.headers.get("origin"), allowed)
    return {name: [value] for name, value in headers.items()}

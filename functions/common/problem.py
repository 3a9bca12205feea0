"""The one shape of every error: `application/problem+json` (RFC 9457).

Standard library only, so that the webhook can refuse a request before importing more.
"""

import json
from dataclasses import asdict
from typing import Any

from functions.common.errors import InvalidInputError, MethodNotAllowedError, ServiceError

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "https://docs.hokus.ai/model-serving/errors#"


def problem(
    error: type[ServiceError] | ServiceError, *, detail: str, request_id: str
) -> dict[str, Any]:
    """The body of an error as a JSON object.

    `retry_after_s` is there only when there is something to wait for; the caller sends the same
    number as the header `Retry-After`. `errors` is there only for an input that is not valid.
    """
    body: dict[str, Any] = {
        "type": TYPE_BASE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "request_id": request_id,
        "retryable": error.retryable,
    }
    if (retry_after_s := retry_after(error)) is not None:
        body["retry_after_s"] = retry_after_s
    if isinstance(error, InvalidInputError):
        body["errors"] = [asdict(fault) for fault in error.faults]
    return body


def retry_after(error: type[ServiceError] | ServiceError) -> int | None:
    """Seconds to wait before a retry, or None."""
    return error.retry_after_s if isinstance(error, ServiceError) else error.default_retry_after_s


def headers(error: type[ServiceError] | ServiceError) -> dict[str, str]:
    """The response headers that belong to *error*."""
    sent = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
    if (retry_after_s := retry_after(error)) is not None:
        sent["Retry-After"] = str(retry_after_s)
    if error.status == 401:  # noqa: PLR2004 - RFC 9110, 11.6.1: a 401 names its scheme
        sent["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowedError) and error.allowed:
        sent["Allow"] = ", ".join(error.allowed)
    return sent


def response(error: ServiceError, *, request_id: str) -> dict[str, Any]:
    """*error* as the answer of a Lambda proxy integration."""
    return {
        "statusCode": error.status,
        "headers": headers(error) | of_every_answer(request_id),
        "body": json.dumps(problem(error, detail=error.detail, request_id=request_id)),
    }


def of_every_answer(request_id: str) -> dict[str, str]:
    """The headers of a success as well as of an error."""
    return {"Cache-Control": "no-store", "X-Request-Id": request_id}

"""The body of a call, parsed once."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from functions.common.api.gateway_event import RequestContext
from functions.common.errors import (
    InvalidJsonError,
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)
from functions.common.signatures.body import RequestBody

MAX_BYTES = 6_000_000
"""Lambda's own limit on a request is 6 MB with everything that API Gateway adds."""


def read_body(request: RequestContext) -> RequestBody:
    """Return the body, which must be a JSON object, without its content coding.

    Raises: UnsupportedMediaTypeError, PayloadTooLargeError, InvalidJsonError, InvalidRequestError.
    """
    raw, coding = request.raw_body(), request.headers.get("content-encoding")
    if coding:
        # Few callers compress.
        from functions.common.api.content_coding import decoded  # noqa: PLC0415

        raw = decoded(raw, coding=coding, max_bytes=MAX_BYTES)
    if not _is_json(request.headers.get("content-type")):
        raise UnsupportedMediaTypeError("Send the body as application/json.")
    if len(raw) > MAX_BYTES:
        raise PayloadTooLargeError("The body is larger than 6 MB.")
    return RequestBody(raw, _json_object(raw))


def _is_json(content_type: str | None) -> bool:
    """No declared type is accepted as JSON: every caller sends JSON."""
    media_type, _, parameters = (content_type or "application/json").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    return media_type.strip().lower() == "application/json" and charset in {"", "charset=utf-8"}


def _json_object(raw: bytes) -> Mapping[str, Any]:
    try:
        parsed = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidJsonError(f"The body is not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise InvalidRequestError("The body must be a JSON object.")
    return parsed

"""The bodies of a prediction: the call's, parsed once, and the answer's."""

import codecs
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from functools import lru_cache
from typing import Any

from jiter import from_json
from msgspec import Raw, convert
from msgspec.json import encode

from functions.common.api.gateway_event import RequestContext
from functions.common.deployments.record import Deployment, utc_text
from functions.common.errors import (
    InvalidJsonError,
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)
from functions.common.json_text import LARGE_BYTES, JsonText
from functions.common.payload import MAX_BYTES
from functions.common.signatures import large_body
from functions.common.signatures.body import RequestBody

_JSON = "application/json"
_UTF_8 = {"utf-8", "utf-8-sig", "ascii"}


def read_body(request: RequestContext) -> RequestBody:
    """Return the body, which must be a JSON object, without its content coding.

    Raises: UnsupportedMediaTypeError, PayloadTooLargeError, InvalidJsonError, InvalidRequestError.
    """
    return parsed_body(_content(request))


def read_object(request: RequestContext) -> Mapping[str, Any]:
    """Return the body of a call that sends no model's input; raises as `read_body`."""
    return json_object(_checked(_content(request)))


def _content(request: RequestContext) -> bytes:
    raw, coding = request.raw_body(_from_base64), request.headers.get("content-encoding")
    if coding:
        # Few callers compress.
        from functions.common.api.content_coding import decoded  # noqa: PLC0415

        raw = decoded(raw, coding=coding, max_bytes=MAX_BYTES)
    # No declared type is accepted as JSON: every caller sends JSON.
    content_type = request.headers.get("content-type") or _JSON
    if content_type != _JSON and not _is_json(content_type):
        raise UnsupportedMediaTypeError("Send the body as application/json in UTF-8.")
    return raw


def _from_base64(text: str) -> bytes:
    """Decode *text* in a third of the time that Python's own module takes."""
    return convert(text, bytes)


def parsed_body(raw: bytes) -> RequestBody:
    """Return *raw* as a body for predict.

    Raises: PayloadTooLargeError, InvalidJsonError, InvalidRequestError.
    """
    raw = _checked(raw)
    large = large_body.read_object(raw) if len(raw) >= LARGE_BYTES else None
    return RequestBody(raw, json_object(raw) if large is None else large, json_object)


def prediction_answer(
    deployment: Deployment, predictions: Any, *, latency_ms: float, request_id: str
) -> bytes:
    """Return the JSON answer, for callers of `predict` and for `verify`.

    Nothing of the provider's own is in it.
    """
    answer = {
        "model_id": deployment.model_id,
        "model_version": deployment.model_version,
        "predictions": Raw(predictions.text) if isinstance(predictions, JsonText) else predictions,
        "metadata": {
            "provider": deployment.provider,
            "deployment_id": deployment.id,
            "request_id": request_id,
            "latency_ms": round(latency_ms, 1),
        },
        "timestamp": utc_text(datetime.now(UTC)),
    }
    # A number like 1e999 is JSON, and read as infinity, which is not: it is written as null.
    return encode(answer)


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    """Return whether a body of this type is read as JSON in UTF-8.

    Parameters have no meaning for JSON (RFC 8259, 11); only a charset is held to what it says,
    under any of its names.
    """
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_type() != "application/json":
        return False
    charset = header.get_content_charset() or "utf-8"
    try:
        return codecs.lookup(charset).name in _UTF_8
    except (LookupError, ValueError):
        return False


def _checked(raw: bytes) -> bytes:
    """Return *raw* without a byte order mark, which parsers may ignore (RFC 8259, 8.1).

    Raises: PayloadTooLargeError, InvalidJsonError (the mark is that of another encoding).
    """
    if len(raw) > MAX_BYTES:
        raise PayloadTooLargeError("The body is larger than 4 MB.")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidJsonError("The body begins with the byte order mark of UTF-16. Send UTF-8.")
    return raw.removeprefix(codecs.BOM_UTF8)


def json_object(raw: bytes) -> Mapping[str, Any]:
    """Return the value of *raw*.

    Raises: InvalidJsonError, InvalidRequestError (it is another value than an object).
    """
    try:
        parsed = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidJsonError(f"The body is not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise InvalidRequestError("The body must be a JSON object.")
    return parsed

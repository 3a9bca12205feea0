"""The body of a call, parsed and checked once.

The bytes of a predict call that passed go to the model as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from functions.common.errors import (
    InvalidJsonError,
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)
from functions.common.signatures.body import check_fields

MAX_BYTES = 6_000_000
"""Lambda's own limit on a request is 6 MB with everything that API Gateway adds."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a caller sent, as it came and as it reads."""

    raw: bytes
    parsed: Mapping[str, Any]


def checked(body: bytes, *, content_type: str | None) -> Body:
    """Return *body*, a JSON object whose fields `check_fields` accepts.

    Raises: UnsupportedMediaTypeError, PayloadTooLargeError, InvalidJsonError, InvalidRequestError.
    """
    parsed = json_object(body, content_type=content_type)
    check_fields(parsed)
    return Body(body, parsed)


def json_object(body: bytes, *, content_type: str | None) -> Mapping[str, Any]:
    """What *body* holds.

    Raises: as `checked`.
    """
    if not _is_json(content_type):
        raise UnsupportedMediaTypeError("Send the body as application/json.")
    if len(body) > MAX_BYTES:
        raise PayloadTooLargeError("The body is larger than 6 MB.")
    return _parsed(body)


def _is_json(content_type: str | None) -> bool:
    """No declared type is taken for JSON: it is what every caller sends."""
    media_type, _, parameters = (content_type or "application/json").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    return media_type.strip().lower() == "application/json" and charset in {"", "charset=utf-8"}


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidJsonError(f"The body is not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise InvalidRequestError("The body must be a JSON object.")
    return parsed

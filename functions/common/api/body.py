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
from functions.common.signatures.formats import INPUT_FORMATS, PARAMETER_NAMES

MAX_BYTES = 6_000_000
"""Lambda's own limit on a request is 6 MB with everything that API Gateway adds."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a caller sent, as it came and as it reads."""

    raw: bytes
    parsed: Mapping[str, Any]


def checked(body: bytes, *, content_type: str | None) -> Body:
    """*body*, which is a JSON object with exactly one of `INPUT_FORMATS` and at most one of
    `PARAMETER_NAMES`.

    Raises: UnsupportedMediaTypeError, PayloadTooLargeError, InvalidJsonError, InvalidRequestError.
    """
    parsed = json_object(body, content_type=content_type)
    _check_fields(parsed)
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


def _check_fields(body: Mapping[str, Any]) -> None:
    formats = [name for name in body if name in INPUT_FORMATS]
    if len(formats) != 1:
        found = f"found {' and '.join(formats)}" if formats else "found none"
        raise InvalidRequestError(
            f"The body must hold exactly one of {', '.join(INPUT_FORMATS)}; {found}."
        )
    if len([name for name in body if name in PARAMETER_NAMES]) > 1:
        raise InvalidRequestError(
            f"The body may hold only one of {', '.join(PARAMETER_NAMES)}: they mean the same."
        )
    unknown = [name for name in body if name not in (*INPUT_FORMATS, *PARAMETER_NAMES)]
    if unknown:
        raise InvalidRequestError(f"The body holds unknown fields: {', '.join(unknown)[:200]}.")

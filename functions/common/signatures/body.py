"""What a body for predict may hold: exactly one input format, at most one set of parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.common.errors import InvalidRequestError

INPUT_FORMATS = ("inputs", "instances", "dataframe_split", "dataframe_records")
"""MLflow's names; a body holds exactly one of them."""
PARAMETER_NAMES = ("params", "parameters", "options")
"""The same thing as MLflow, Hugging Face and the platform's own clients call it."""
_MAX_QUOTED_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A JSON object: the bytes that the caller sent, and their parsed value."""

    raw: bytes
    parsed: Mapping[str, Any]


def check_fields(body: Mapping[str, Any]) -> None:
    """Check the names of the body's fields.

    Raises: InvalidRequestError.
    """
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
        names = ", ".join(unknown)[:_MAX_QUOTED_CHARACTERS]
        raise InvalidRequestError(f"The body holds unknown fields: {names}.")

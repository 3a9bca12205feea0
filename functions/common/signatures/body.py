"""Fields of a body for predict: exactly one input format, at most one set of parameters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

INPUT_FORMATS = ("inputs", "instances", "dataframe_split", "dataframe_records")
"""MLflow's names; a body holds exactly one of them."""
CHAT_FIELDS = ("messages", "prompt", "input")
"""Fields of which a chat model's own body has one, in place of an input format."""
PARAMETER_NAMES = ("params", "parameters", "options")
"""The same thing as MLflow, Hugging Face and the platform's own clients call it."""


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A JSON object.

    Attributes:
        raw: The bytes that the caller sent.
        parsed: Their value, in which large arrays of numbers may be `NumberArray`s.
    """

    raw: bytes
    parsed: Mapping[str, Any]

    @classmethod
    def of(cls, parsed: Mapping[str, Any]) -> Self:
        """Return *parsed* as a caller would send it."""
        return cls(json.dumps(parsed, ensure_ascii=False).encode(), parsed)

"""Fields of a body for predict: exactly one input format, at most one set of parameters."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from jiter import from_json

from functions.common.json_text import PartlyParsed

INPUT_FORMATS = ("inputs", "instances", "dataframe_split", "dataframe_records")
"""MLflow's names; a body holds exactly one of them."""
CHAT_FIELDS = ("messages", "prompt", "input")
"""Fields of which a chat model's own body has one, in place of an input format."""
PARAMETER_NAMES = ("params", "parameters", "options")
"""The same thing as MLflow, Hugging Face and the platform's own clients call it."""


@dataclass(frozen=True)
class RequestBody:
    """A JSON object.

    Attributes:
        raw: The bytes that the caller sent.
        parsed: Their value, in which large lists may be text, some of which may be no JSON.
        parse: Makes the value of all of `raw`, where text in `parsed` is not enough.
    """

    raw: bytes
    parsed: Mapping[str, Any]
    parse: Callable[[bytes], Mapping[str, Any]] = from_json

    @classmethod
    def of(cls, parsed: Mapping[str, Any]) -> Self:
        """Return *parsed* as a caller would send it."""
        return cls(json.dumps(parsed, ensure_ascii=False).encode(), parsed)

    @cached_property
    def whole(self) -> Mapping[str, Any]:
        """The value of all of it. Raises: InvalidJsonError."""
        return self.parse(self.raw) if isinstance(self.parsed, PartlyParsed) else self.parsed

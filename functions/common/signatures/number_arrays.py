"""Large arrays of numbers in a body, which are checked by their text.

A million floats cost more to make, and to take apart, than all else in a prediction, and the check
of most of them asks for no more than their shape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jiter import from_json

from functions.common.json_text import (
    LARGE_BYTES,
    JsonText,
    PartlyParsed,
    may_overflow,
    texts_by_name,
)

_WHITE_SPACE = b" \t\n\r"
_OF_NUMBERS = b"0123456789+-.eE"
_MAX_DIMENSIONS = 32
_BEGINNING_BYTES, _MAX_QUOTES = 65_536, 1_024
"""A body with more strings in its beginning is hardly an array of numbers."""


@dataclass(frozen=True, slots=True)
class NumberArray(JsonText):
    """A JSON array of numbers, or of arrays of equal lengths, and so on.

    Attributes:
        shape: Lengths, the outermost first; none is 0.
        has_null: Some of the numbers are null.
    """

    shape: tuple[int, ...]
    has_null: bool


def read_object(raw: bytes) -> Mapping[str, Any] | None:
    """Return a large JSON object, parsed but for its `NumberArray`s, which are fields of it or of
    an object in it; None for what `from_json` has to parse as a whole."""
    if raw.count(b'"', 0, _BEGINNING_BYTES) > _MAX_QUOTES:
        return None
    try:
        return _object(raw, _field)
    except ValueError:
        return None


def _object(text: bytes, value: Callable[[bytes], Any]) -> dict[str, Any] | None:
    texts = texts_by_name(text)
    if texts is None:
        return None
    values = {name: value(each) for name, each in texts.items()}
    is_partly = any(isinstance(each, NumberArray | PartlyParsed) for each in values.values())
    return PartlyParsed(values) if is_partly else values


def _field(text: bytes) -> Any:
    inner = _object(text, _array_or_value) if text.startswith(b"{") else None
    return _array_or_value(text) if inner is None else inner


def _array_or_value(text: bytes) -> Any:
    return number_array(text) or from_json(text, allow_inf_nan=False)


def number_array(text: bytes) -> NumberArray | None:
    """Return *text*, which is JSON, as an array of numbers; None if it is none, or small."""
    if len(text) < LARGE_BYTES or not text.startswith(b"[") or b'"' in text:
        return None
    has_null = b"n" in text
    numbers = text.replace(b"null", b"0") if has_null else text
    shape = _shape(numbers.translate(None, _OF_NUMBERS + _WHITE_SPACE))
    if shape is None or may_overflow(numbers):
        return None
    # Without its number, a list of one looks like an empty one.
    if shape[-1] == 1 and b"[]" in numbers.translate(None, _WHITE_SPACE):
        return None
    return NumberArray(text, shape, has_null)


def _shape(outline: bytes) -> tuple[int, ...] | None:
    """Return the shape of an array without its numbers, e.g. (2, 3) of `[[,,],[,,]]`; None for any
    other text.

    From the inside out, it takes the first list for the form of all, and in the end compares.
    """
    dimensions = len(outline) - len(outline.lstrip(b"["))
    if dimensions > _MAX_DIMENSIONS:
        return None
    shape: list[int] = []
    item = b""
    for depth in range(1, dimensions + 1):
        is_whole = depth == dimensions
        end = len(outline) if is_whole else outline.find(depth * b"]") + depth
        first = outline[dimensions - depth : end]
        length = first.count(item) if item else first.count(b",") + 1
        item = b"[%b]" % ((item + b",") * length)[:-1]
        shape.insert(0, length)
    return tuple(shape) if item == outline else None

"""Large arrays of numbers in a body, which are checked by their text.

A million floats cost more to make, and to take apart, than all else in a prediction, and the check
of most of them asks for no more than their shape.
"""

from dataclasses import dataclass

from functions.common.json_text import LARGE_BYTES, JsonText, digits_within, may_overflow

_WHITE_SPACE = b" \t\n\r"
_OF_NUMBERS = b"0123456789+-.eE"
_OF_FRACTIONS = (b".", b"e", b"E")
_MAX_DIMENSIONS = 32
_DIGITS = (2, 4, 9, 18)
"""What surely fits into 8, 16, 32 and 64 bits."""


@dataclass(frozen=True, slots=True)
class NumberArray(JsonText):
    """A JSON array of numbers, or of arrays of equal lengths, and so on.

    Attributes:
        shape: Lengths, the outermost first; none is 0.
        has_null: Some of the numbers are null.
        has_minus: Some may be less than zero.
        digits: Without a fraction or exponent, no number has more; None: some may.
    """

    shape: tuple[int, ...]
    has_null: bool
    has_minus: bool
    digits: int | None


def number_array(text: bytes) -> NumberArray | None:
    """Return *text*, which is JSON, as an array of numbers; None if it is none, or small."""
    if len(text) < LARGE_BYTES or not text.startswith(b"[") or b'"' in text:
        return None
    has_null = b"n" in text
    numbers = text.replace(b"null", b"0") if has_null else text
    shape = _shape(numbers.translate(None, _OF_NUMBERS + _WHITE_SPACE))
    if shape is None:
        return None
    is_whole = not any(each in numbers for each in _OF_FRACTIONS)
    digits = digits_within(numbers, _DIGITS) if is_whole else None
    if digits is None and may_overflow(numbers):
        return None
    # Without its number, a list of one looks like an empty one.
    if shape[-1] == 1 and b"[]" in numbers.translate(None, _WHITE_SPACE):
        return None
    return NumberArray(text, shape, has_null, b"-" in numbers, digits)


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

"""Large JSON that stays text: its form is checked, and its values are made only where needed.

What passes here is JSON to `from_json` too, which has the last word on all else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jiter import from_json

if TYPE_CHECKING:
    import msgspec

LARGE_BYTES = 8_192
"""Smaller texts are parsed in less time than it takes to look at them closely."""
_AS_ZEROS = bytes.maketrans(b"123456789E", b"000000000e")
_LARGE_EXPONENTS = (b"e000", b"e+000")
_MAX_DIGITS = 199
_MAX_DEPTH = 64
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON value as its text, in UTF-8."""

    text: bytes


@dataclass(frozen=True, slots=True)
class ListText(JsonText):
    """A text that begins and ends as a list; it may be no JSON."""


class PartlyParsed(dict[str, Any]):
    """A JSON object that holds some of its values as `JsonText`."""


def is_sound(value: Any) -> bool:
    """Return whether all texts in *value* are known to be JSON."""
    if isinstance(value, PartlyParsed):
        return all(map(is_sound, value.values()))
    return not isinstance(value, ListText)


def parsed(value: Any) -> Any:
    """Return a JSON value that holds no `JsonText`."""
    if isinstance(value, JsonText):
        return from_json(value.text, allow_inf_nan=False)
    if isinstance(value, PartlyParsed):
        return {name: parsed(inner) for name, inner in value.items()}
    return value


def texts_by_name(content: bytes) -> Mapping[str, bytes] | None:
    """Return the values of the large JSON object *content*; None if it is small, or may be none."""
    values = _decoded(content, _by_name)
    return None if values is None else {name: bytes(value) for name, value in values.items()}


def whole_text(content: bytes) -> JsonText | None:
    """Return the large JSON *content*; None if it is small, or may be none."""
    return None if _decoded(content, _whole) is None else value_text(content)


def value_text(text: bytes) -> JsonText | None:
    """Return *text*, a value of `texts_by_name`; None where `from_json` may find it too deep, or a
    number in it infinite."""
    return None if may_overflow(text) or _may_be_deep(text) else JsonText(text)


def _decoded(content: bytes, decoder: Callable[[], "msgspec.json.Decoder[Any]"]) -> Any:
    if len(content) < LARGE_BYTES or may_hold_half_pairs(content) or not _is_utf_8(content):
        return None
    import msgspec  # noqa: PLC0415 - few bodies are large

    try:
        return decoder().decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None


@cache
def _by_name() -> "msgspec.json.Decoder[Any]":
    import msgspec  # noqa: PLC0415 - see above

    return msgspec.json.Decoder(dict[str, msgspec.Raw])


@cache
def _whole() -> "msgspec.json.Decoder[Any]":
    import msgspec  # noqa: PLC0415 - see above

    return msgspec.json.Decoder(msgspec.Raw)


def may_hold_half_pairs(content: bytes) -> bool:
    """Return whether there may be half of a surrogate pair, which is no text in UTF-8."""
    # A single byte is found in a tenth of the time.
    return b"\\" in content and (b"\\ud" in content or b"\\uD" in content)


def _is_utf_8(content: bytes) -> bool:
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def may_overflow(text: bytes) -> bool:
    """Return whether there may be a number of more than 199 digits, or of more than two digits in
    its exponent; all others are less than 1e299."""
    zeros = text.translate(_AS_ZEROS)
    if _has_more(zeros, _MAX_DIGITS):
        return True
    # A single byte is found in a tenth of the time.
    return b"e" in zeros and any(each in zeros for each in _LARGE_EXPONENTS)


def digits_within(text: bytes, limits: Sequence[int]) -> int | None:
    """Return the first of *limits* that no number in *text* has more digits than, if any."""
    zeros = text.translate(_AS_ZEROS)
    return next((limit for limit in limits if not _has_more(zeros, limit)), None)


def _has_more(zeros: bytes, digits: int) -> bool:
    return (digits + 1) * b"0" in zeros


def _may_be_deep(text: bytes) -> bool:
    """Return whether there may be lists and objects in each other more than `_MAX_DEPTH` deep."""
    if text.rfind(b"[") <= 0 and b"{" not in text:
        return False
    brackets = text.translate(None, _NOT_BRACKETS)
    for _ in range(_MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return True

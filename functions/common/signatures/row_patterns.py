"""Check of rows that are lists by their text: the engine matches it with a regular expression.

Most of the time that a parser takes for them goes into values, which are dropped. The expression
says what the schema of a row says of its cells, and what form JSON has; the engine takes one byte
after the other and makes nothing. With names in between, it is no faster than a parser.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from functions.common.signatures.definitions import resolved
from functions.common.signatures.engine import compile_schema
from functions.common.signatures.values import DATE_PATTERN, JsonSchema

if TYPE_CHECKING:
    from jsonschema_rs import Validator

MAX_CHARACTERS = 4_096
"""Bound of a row's expression. Its states, about as many, have to stay in the processor's cache;
with more, a parser is faster."""
_WORDS = {"description", "title"}
_OF_LISTS = _WORDS | {"type", "items", "prefixItems", "minItems", "maxItems"}
_KEYWORDS: Mapping[str, set[str]] = {
    "boolean": set(),
    "integer": {"minimum", "maximum"},
    "null": set(),
    "number": set(),
    "string": {"pattern"},
}
_SPACE = r"[ \t\n\r]*"
_COMMA = f"{_SPACE},{_SPACE}"
_WHOLE = "-?(?:0|[1-9][0-9]{0,%d})"
_MOST_DIGITS = 18
"""Digits that surely fit into 64 bits, and with an exponent of two digits into a float."""
_NUMBER = _WHOLE % (_MOST_DIGITS - 1) + r"(?:\.[0-9]+)?(?:[eE](?:-[0-9]{1,3}|\+?[0-9]{1,2}))?"
# Half of a surrogate pair is no text in UTF-8.
_CODE = "u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]|[dD][0-7])[0-9a-fA-F]{2}"
_STRING = rf'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|{_CODE}))*"'
_SIMPLE = {"boolean": "true|false", "null": "null", "number": _NUMBER}
_ANY_CELL = f"(?:{_STRING}|{_NUMBER}|true|false|null)"
_AS_ASCII = bytes(range(0x80)) + 0x80 * b"\x7f"


class RowPattern:
    """Finds lists of at least one row, each a list of what *row* says of its cells.

    It finds none where *row* says anything else, or too much.
    """

    def __init__(self, row: JsonSchema, definitions: Mapping[str, JsonSchema]) -> None:
        self._engine: Validator | None = None
        try:
            pattern = _Patterns(definitions).row(row)
        except ValueError:
            # No expression says the same.
            return
        rows = rf"\[{_SPACE}(?:{pattern}{_COMMA})*{pattern}{_SPACE}\]"
        self._engine = compile_schema({"type": "string", "pattern": f"^{rows}$"})

    def matches(self, text: bytes) -> bool:
        """Return whether *text* is such a list, and JSON; False also where that is not certain."""
        if self._engine is None:
            return False
        if not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError:
                return False
            # Any of these stands in a string, where one is as good as another. The engine takes
            # ASCII as it is, and has to encode anything else.
            text = text.translate(_AS_ASCII)
        return self._engine.is_valid(text.decode("ascii"))


class _Patterns:
    """Makes expressions of schemas; raises ValueError where none says the same."""

    def __init__(self, definitions: Mapping[str, JsonSchema]) -> None:
        self._definitions = definitions

    def row(self, schema: JsonSchema) -> str:
        """Return an expression of rows, all of which fit *schema*."""
        least, parts = schema.get("minItems", 0), schema.get("prefixItems", [])
        if not parts and least <= MAX_CHARACTERS:
            parts = [schema.get("items", {})] * least
        is_of_lists = schema.get("type") == "array" and schema.keys() <= _OF_LISTS
        if not is_of_lists or not least <= len(parts) <= schema.get("maxItems", len(parts)):
            raise ValueError("It takes no list of these cells alone.")
        cells = _COMMA.join(map(self._cell, parts))
        if not 0 < len(cells) <= MAX_CHARACTERS:
            raise ValueError("It says nothing of cells, or too much.")
        return rf"\[{_SPACE}{cells}{_SPACE}\]"

    def _cell(self, schema: JsonSchema) -> str:
        schema = resolved(schema, self._definitions)
        if schema.keys() <= _WORDS:
            return _ANY_CELL
        types = schema.get("type", [])
        types = types if isinstance(types, list) else [types]
        known = _WORDS.union({"type"}, *(_KEYWORDS.get(name, ()) for name in types))
        if not types or not schema.keys() <= known or not _KEYWORDS.keys() >= set(types):
            raise ValueError("It says more than a type.")
        return f"(?:{'|'.join(_of_type(name, schema) for name in types)})"


def _of_type(name: str, schema: JsonSchema) -> str:
    if name == "integer":
        return _whole_number(schema)
    if name == "string" and schema.get("pattern") == DATE_PATTERN:
        # JSON has escapes for its signs, too, which nobody uses.
        return f'"{DATE_PATTERN[1:-1]}"'
    if not schema.keys().isdisjoint({"minimum", "maximum", "pattern"}):
        raise ValueError("It says more than a type.")
    return _STRING if name == "string" else _SIMPLE[name]


def _whole_number(schema: JsonSchema) -> str:
    """Return an expression of numbers with so few digits that they are within the limits."""
    least, most = schema.get("minimum"), schema.get("maximum")
    digits = _MOST_DIGITS if most is None else min(_MOST_DIGITS, len(str(most)) - 1)
    if digits < 1 or (most or 0) < 0 or (least or 0) > 0:
        raise ValueError("Its limits are those of no type.")
    pattern = _WHOLE % (digits - 1)
    return pattern if least is None or least < -(10**digits) else pattern.removeprefix("-?")

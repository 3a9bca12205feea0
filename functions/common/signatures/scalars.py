"""One value: what a signature's type means in JSON.

MLflow reads the same type in several ways, by where a value stands, and each is lenient in its own:
numpy converts what comes as `inputs` or `instances`, pandas what comes as a table, nothing is
converted within lists and objects, and params have rules of their own. All of it is seen in the
code of MLflow 3.17 with pandas 3 and numpy 2, and held to it by a test; docs/input-validation.md
has the table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

type Spec = Mapping[str, Any]
"""A column, a tensor, a param, or what is inside one, as in an MLmodel's signature."""
type JsonSchema = dict[str, Any]
"""Draft 2020-12, of which OpenAPI 3.1 is made."""


SCALAR_TYPES = ("string", "number", "boolean", "null")


class Reading(StrEnum):
    """Who reads a value, and so what else is taken for its type."""

    DOCUMENTED = "documented"
    """Nobody: the type itself, as callers should send it."""
    ARRAY = "array"
    """numpy, from `inputs` and `instances`."""
    TABLE = "table"
    """pandas, from `dataframe_split` and `dataframe_records`."""
    NESTED = "nested"
    """MLflow itself, within a list, an object or a map, where null is a matter of `required`."""
    PARAM = "param"
    """MLflow itself."""


WORDS: Mapping[str, str] = {
    "boolean": "true or false",
    "integer": "a whole number of 32 bits",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "string": "a string",
    "binary": "bytes as a base64 string",
    "datetime": "a date and time in ISO 8601",
}
"""By type, what a value should be."""

INTEGERS: Mapping[str, tuple[int, int]] = {
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
}
"""By type, the least and the greatest value."""

# What Python's int() and float() take, which is whom numpy and pandas ask about a string.
_WHOLE = r"[+-]?[0-9]+(_[0-9]+)*"
_FRACTION = r"([0-9]+(_[0-9]+)*\.?([0-9]+(_[0-9]+)*)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+)?"
_NOT_FINITE = r"[iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN]"
INTEGER_TEXT = rf"^\s*{_WHOLE}\s*$"
NUMBER_TEXT = rf"^\s*[+-]?({_FRACTION}|{_NOT_FINITE})\s*$"

_DAY = r"[+-]?[0-9]{1,19}(-[0-9]{2}(-[0-9]{2}"
_TIME = r"[T ][0-9]{2}(:?[0-9]{2}(:?[0-9]{2}(\.[0-9]*)?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
_NO_TIME = r"|[nN][aA][tT]|"
NUMPY_TIME_TEXT = rf"^\s*({_DAY}({_TIME})?)?)?{_NO_TIME}|now|today)$"
PANDAS_TIME_TEXT = r"[0-9]|^\s*$|^([nN][aA][tTnN]|[nN]ull|NULL|None|none|<NA>|N/A|NA|now|today)$"
# As Python reads base64, of which four signs are three bytes: what is no sign is skipped, and so
# are `=` where no padding can be, and everything after the padding.
_S, _SKIPPED, _NO_PADDING = r"[A-Za-z0-9+/]", r"[^A-Za-z0-9+/]*", r"[^A-Za-z0-9+/=]*"
_TWO = rf"{_SKIPPED}{_S}{_SKIPPED}{_S}"
_THREE = rf"{_TWO}{_NO_PADDING}(={_NO_PADDING})?{_S}"
_PADDED = rf"({_TWO}{_NO_PADDING}={_NO_PADDING}=|{_THREE}{_NO_PADDING}=)[\s\S]*"
BASE64_TEXT = rf"^({_THREE}{_NO_PADDING}{_S})*({_SKIPPED}|{_PADDED})$"


def scalar(kind: str, reading: Reading) -> JsonSchema:
    """What a value of the type *kind* may be; anything, when the type is not known."""
    if kind not in WORDS:
        return {}
    readers = {
        Reading.DOCUMENTED: _documented,
        Reading.ARRAY: _array,
        Reading.TABLE: _table,
        Reading.NESTED: _nested,
        Reading.PARAM: _param,
    }
    return {"description": WORDS[kind]} | readers[reading](kind)


def nullable(schema: JsonSchema) -> JsonSchema:
    """*schema*, or null."""
    types = schema.get("type")
    if types is None:
        return schema
    known = types if isinstance(types, list) else [types]
    return schema | {"type": [*known, "null"]} if "null" not in known else schema


def whole(least: int, greatest: int) -> JsonSchema:
    return {"type": "integer", "minimum": least, "maximum": greatest}


def _documented(kind: str) -> JsonSchema:
    if kind in INTEGERS:
        return whole(*INTEGERS[kind])
    return {
        "boolean": {"type": "boolean"},
        "string": {"type": "string"},
        "binary": {"type": "string", "contentEncoding": "base64"},
        "datetime": {"type": "string"},
    }.get(kind, {"type": "number"})


def _array(kind: str) -> JsonSchema:
    if kind in INTEGERS:
        return converted_integer(*INTEGERS[kind])
    if kind in {"float", "double"}:
        return converted_number()
    if kind == "datetime":
        return converted_datetime()
    return {}


def converted_integer(least: int, greatest: int) -> JsonSchema:
    """What numpy makes an integer of; it drops fractions."""
    beyond = {} if greatest >= 2**63 - 1 else {"exclusiveMaximum": greatest + 1}
    limits = beyond or {"maximum": greatest}
    limits |= {"minimum": least} if least <= -(2**63) else {"exclusiveMinimum": least - 1}
    return {"type": ["number", "boolean", "string"], "pattern": INTEGER_TEXT, **limits}


def converted_number() -> JsonSchema:
    return {"type": ["number", "boolean", "null", "string"], "pattern": NUMBER_TEXT}


def converted_datetime() -> JsonSchema:
    types = ["string", "integer", "boolean", "null"]
    return whole(*INTEGERS["long"]) | {"type": types, "pattern": NUMPY_TIME_TEXT}


def _table(kind: str) -> JsonSchema:
    if kind == "binary":
        return {"type": "string", "pattern": BASE64_TEXT}
    if kind == "datetime":
        return {"type": ["string", "number", "null"], "pattern": PANDAS_TIME_TEXT}
    return _array(kind)


def _nested(kind: str) -> JsonSchema:
    if kind in INTEGERS:
        return {"type": "integer"}
    return _documented(kind)


def _param(kind: str) -> JsonSchema:
    if kind == "datetime":
        return {"type": ["string", "null"], "pattern": NUMPY_TIME_TEXT}
    return nullable(_nested(kind))

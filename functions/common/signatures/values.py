"""JSON Schemas of single values, by MLflow's types and numpy's dtypes.

Each schema's description completes the sentence "the value should be …".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from functions.common.signatures.specification import Tensor, ValueType

type JsonSchema = dict[str, Any]
"""Draft 2020-12, the dialect of OpenAPI 3.1."""

ARRAYS = {"array", "sparkml_vector"}
"""Types whose values are lists."""
_BITS = {"integer": 32, "long": 64}
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ZONE = r"(Z|[+-][0-9]{2}:?[0-9]{2})"
_TIME = rf"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{{1,9}})?)?{_ZONE}?"
DATE_PATTERN = f"^{_DAY}({_TIME})?$"
"""What a date and time look like; strings of at most 35 characters."""
_SIGN = r"([A-Za-z0-9+/][\r\n]*)"
_PADDED = rf"{_SIGN}{{2}}=[\r\n]*=[\r\n]*|{_SIGN}{{3}}=[\r\n]*"
_SCALARS: Mapping[str, JsonSchema] = {
    "boolean": {"description": "true or false", "type": "boolean"},
    "float": {"description": "a number", "type": ["number", "null"]},
    "double": {"description": "a number", "type": ["number", "null"]},
    "string": {"description": "a string", "type": "string"},
    "binary": {
        "description": "bytes as a base64 string",
        "type": "string",
        "contentEncoding": "base64",
        "pattern": f"^({_SIGN}{{4}})*({_PADDED})?$",
    },
    "datetime": {
        "description": "a date and time in ISO 8601",
        "type": "string",
        "pattern": DATE_PATTERN,
    },
}
"""JSON has no NaN: a float's is null."""
_DTYPES = {
    "bool": "boolean",
    "bytes": "string",
    "datetime": "datetime",
    "float": "double",
    "str": "string",
}
"""Column types by the letters that a dtype's name begins with."""
_LISTS = {
    "boolean": "a list of true and false",
    "integer": "a list of whole numbers",
    "long": "a list of whole numbers",
    "float": "a list of numbers",
    "double": "a list of numbers",
    "string": "a list of strings",
    "binary": "a list of base64 strings",
    "datetime": "a list of dates and times",
}


def value_schema(value: ValueType, *, answer: bool = False) -> JsonSchema:
    """Return the schema of a value; of an unknown type, a schema that anything fits.

    With *answer*, the value is the model's: its lists may have gaps, its objects more properties,
    and its dates may be nanoseconds since 1970.
    """
    container = _CONTAINERS.get(value.kind)
    schema = container(value, answer) if container else _scalar(value.kind, answer=answer)
    return schema if value.required else nullable(schema)


def element_schema(tensor: Tensor, *, answer: bool = False) -> JsonSchema:
    """Return the schema of one of a tensor's elements."""
    if integer := re.fullmatch(r"(u?)int(\d+)", tensor.dtype):
        return _whole_number(int(integer[2]), signed=not integer[1])
    letters = re.match("[a-z]*", tensor.dtype)
    return _scalar(_DTYPES.get(letters[0] if letters else "", "any"), answer=answer)


def nullable(schema: JsonSchema) -> JsonSchema:
    """Return *schema*, which null fits as well."""
    types = schema.get("type")
    if types is None:
        return schema
    known = types if isinstance(types, list) else [types]
    return schema if "null" in known else schema | {"type": [*known, "null"]}


def list_schema(items: JsonSchema, description: str, *, size: int | None = None) -> JsonSchema:
    """Return the schema of a list of *items*; of any length unless its *size* is given."""
    schema: JsonSchema = {"description": description, "type": "array", "items": items}
    return schema if size is None else schema | {"minItems": size, "maxItems": size}


def object_schema(
    properties: Mapping[str, JsonSchema], required: list[str], description: str
) -> JsonSchema:
    """Return the schema of an object that may have more than these properties."""
    schema: JsonSchema = {"description": description, "type": "object"}
    schema["properties"] = dict(properties)
    return schema | ({"required": required} if required else {})


def any_of(schemas: list[JsonSchema], description: str) -> JsonSchema:
    """Return a schema that a value fits when it fits one of *schemas*, the likeliest first."""
    distinct = [each for place, each in enumerate(schemas) if each not in schemas[:place]]
    return distinct[0] if len(distinct) == 1 else {"description": description, "anyOf": distinct}


def _scalar(kind: str, *, answer: bool) -> JsonSchema:
    if kind in _BITS:
        return _whole_number(_BITS[kind], signed=True)
    schema = _SCALARS.get(kind, {})
    if kind == "datetime" and answer:
        return schema | {"type": ["string", "integer"]}
    return dict(schema)


def _whole_number(bits: int, *, signed: bool) -> JsonSchema:
    least, greatest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    limits = "" if signed and bits == _BITS["long"] else f" from {least} to {greatest}"
    description = f"a whole number{limits}"
    return {"description": description, "type": "integer", "minimum": least, "maximum": greatest}


def _array(value: ValueType, answer: bool) -> JsonSchema:
    items = value.items or ValueType("any")
    schema = value_schema(items, answer=answer)
    return list_schema(nullable(schema) if answer else schema, _LISTS.get(items.kind, "a list"))


def _vector(_value: ValueType, answer: bool) -> JsonSchema:
    return _array(ValueType("array", items=ValueType("double")), answer)


def _map(value: ValueType, answer: bool) -> JsonSchema:
    values = value_schema(value.values or ValueType("any"), answer=answer)
    return {"description": "an object", "type": "object", "additionalProperties": values}


def _object(value: ValueType, answer: bool) -> JsonSchema:
    properties = {
        name: value_schema(inner, answer=answer) for name, inner in value.properties.items()
    }
    required = [name for name, inner in value.properties.items() if inner.required]
    schema = object_schema(properties, required, "an object")
    return schema if answer else schema | {"additionalProperties": False}


_CONTAINERS: Mapping[str, Callable[[ValueType, bool], JsonSchema]] = {
    "array": _array,
    "map": _map,
    "object": _object,
    "sparkml_vector": _vector,
}

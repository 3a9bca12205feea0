"""Lists, objects and maps within a column or a param: MLflow converts nothing in them."""

from collections.abc import Mapping

from functions.common.signatures.scalars import (
    NUMBER_TEXT,
    SCALAR_TYPES,
    WORDS,
    JsonSchema,
    Reading,
    Spec,
    converted_number,
    nullable,
    scalar,
)

_OF_NUMBERS = {"items": {"type": ["number", "null"]}, "contains": {"type": "number"}}
_OF_STRINGS = {"items": {"type": ["string", "null"]}, "contains": {"type": "string"}}
_OF_BOOLEANS = {"minItems": 1, "items": {"type": "boolean"}}
_NO_LISTS = {"type": [*SCALAR_TYPES, "object"]}
_CONVERTED = converted_number() | {"pattern": rf"^$|{NUMBER_TEXT}"}
_LENIENT: Mapping[str, tuple[JsonSchema, tuple[JsonSchema, ...]]] = {
    "binary": (_NO_LISTS, (_OF_NUMBERS, _OF_BOOLEANS)),
    "boolean": ({}, (_OF_NUMBERS, _OF_STRINGS)),
    "double": (_CONVERTED, (_OF_STRINGS, _OF_BOOLEANS)),
    "string": (_NO_LISTS, (_OF_NUMBERS, _OF_BOOLEANS)),
}
"""By type, what a list of it may hold, and what must not be all that it holds: pandas tells what a
list is of by all of it, and MLflow takes one that is of nothing in particular."""


def is_nested(spec: Spec) -> bool:
    return spec.get("type") in _CONTAINERS


def is_required(spec: Spec) -> bool:
    """MLflow reads a missing `required` as yes for a scalar and as no for the rest."""
    required = spec.get("required")
    if required is None:
        return not is_nested(spec) and not spec.get("optional", False)
    return bool(required)


def nested(spec: Spec, *, required: bool, documented: bool = False) -> JsonSchema:
    """What a value of a column, property or item may be; anything, for an unknown type."""
    kind = str(spec.get("type"))
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](spec, required=required, documented=documented)
    schema = scalar(kind, Reading.DOCUMENTED if documented else Reading.NESTED)
    return schema if required else nullable(schema)


def _array(spec: Spec, *, required: bool, documented: bool) -> JsonSchema:
    items = _items_of(spec)
    kind = str(items.get("type"))
    schema: JsonSchema = {"description": _LISTS.get(kind, "a list"), "type": "array"}
    if is_nested(items):
        schema |= {"items": nested(items, required=required, documented=documented)}
    elif kind in _LENIENT and not documented:
        inner, alone = _LENIENT[kind]
        words = {"description": WORDS[kind]}
        schema |= {"items": words | inner, "not": {"type": "array", "anyOf": list(alone)}}
    else:
        inner = nested(items, required=True, documented=documented)
        schema |= {"items": nullable(inner) if kind == "datetime" else inner}
    takes_null = not required or kind == "any"
    return nullable(schema) if takes_null else schema


def _items_of(spec: Spec) -> Spec:
    """A vector of Spark's is a list of numbers."""
    if spec.get("type") == "sparkml_vector":
        return {"type": "double"}
    items: Spec = spec.get("items") or {}
    return items


def _object(spec: Spec, *, required: bool, documented: bool) -> JsonSchema:
    properties = spec.get("properties") or {}
    needed = [name for name, inner in properties.items() if inner.get("required", True)]
    schema: JsonSchema = {
        "description": "an object",
        "type": "object",
        "properties": {
            name: nested(inner, required=inner.get("required", True), documented=documented)
            for name, inner in properties.items()
        },
        "additionalProperties": False,
    }
    if required:
        return schema | ({"required": needed} if needed else {})
    if needed:
        schema |= {"if": {"minProperties": 1}, "then": {"required": needed}}
    return nullable(schema)


def _map(spec: Spec, *, required: bool, documented: bool) -> JsonSchema:
    values = spec.get("values") or {}
    schema = {
        "description": "an object",
        "type": "object",
        "additionalProperties": nested(values, required=required, documented=documented),
    }
    return nullable(schema) if not required or values.get("type") == "any" else schema


def _any(_spec: Spec, *, required: bool, documented: bool) -> JsonSchema:
    return {"description": "anything"} if required or documented else {}


_CONTAINERS = {
    "any": _any,
    "array": _array,
    "map": _map,
    "object": _object,
    "sparkml_vector": _array,
}
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

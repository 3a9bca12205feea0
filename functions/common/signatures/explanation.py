"""Explains why a value does not fit a schema, in words that quote no value."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from functions.common.errors import Fault
from functions.common.signatures.definitions import resolved
from functions.common.signatures.engine import compile_schema
from functions.common.signatures.values import JsonSchema

MAX_POINTER_CHARACTERS = 300
"""Names in it are the caller's own, of any length; a longer pointer is cut."""

type Fits = Callable[[Any], bool]
type Path = tuple[str | int, ...]


class Explanation:
    """Finds the smallest parts of a value that do not fit.

    It knows the keywords that our schemas use. What does not fit, and has no part to blame, should
    be what its schema's description says. *definitions* are those that all schemas refer to.
    """

    def __init__(self, definitions: Mapping[str, JsonSchema]) -> None:
        self.definitions = definitions
        self._compiled: dict[int, Fits] = {}

    def faults(self, schema: JsonSchema, value: Any, path: Path) -> Iterator[Fault]:
        """Yield the faults of *value*, which does not fit *schema*, in the value's own order."""
        schema = self._resolved(schema)
        blamed = False
        if _is_of_type(value, schema):
            for fault in self._of_parts(schema, value, path):
                blamed = True
                yield fault
        if not blamed:
            yield Fault(pointer(path), _words(schema, value))

    def _of_parts(self, schema: JsonSchema, value: Any, path: Path) -> Iterator[Fault]:
        for part in self._demands(schema, value):
            if not self.fits(part)(value):
                yield from self.faults(part, value, path)
        if isinstance(value, dict):
            yield from self._of_object(schema, value, path)
        elif isinstance(value, list):
            yield from self._of_list(schema, value, path)

    def _demands(self, schema: JsonSchema, value: Any) -> Iterator[JsonSchema]:
        """Yield the schemas that the same value has to fit as well."""
        yield from schema.get("allOf", ())
        alternatives = schema.get("oneOf") or schema.get("anyOf")
        likeliest = self._likeliest(alternatives, value) if alternatives else None
        if likeliest is not None:
            yield likeliest

    def _of_object(self, schema: JsonSchema, value: dict[str, Any], path: Path) -> Iterator[Fault]:
        for name in schema.get("required", ()):
            if name not in value:
                yield Fault(pointer(path), f"should have {json.dumps(name, ensure_ascii=False)}")
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        for name, each in value.items():
            inner = properties.get(name, others)
            if inner is False:
                yield Fault(pointer((*path, name)), "is not known to the model")
            elif inner and not self.fits(inner)(each):
                yield from self.faults(inner, each, (*path, name))

    def _of_list(self, schema: JsonSchema, value: list[Any], path: Path) -> Iterator[Fault]:
        places = schema.get("prefixItems", ())
        for number, (inner, each) in enumerate(zip(places, value, strict=False)):
            if not self.fits(inner)(each):
                yield from self.faults(inner, each, (*path, number))
        rest = schema.get("items", {})
        if not rest:
            return
        fits = self.fits(rest)
        for number, each in enumerate(value[len(places) :], start=len(places)):
            if not fits(each):
                yield from self.faults(rest, each, (*path, number))

    def _likeliest(self, alternatives: list[JsonSchema], value: Any) -> JsonSchema | None:
        """Return the alternative that the caller seems to have meant; None when it may be any."""
        likely = [each for each in alternatives if _is_of_type(value, self._resolved(each))]
        if isinstance(value, dict):
            complete = [each for each in likely if self._has_required(each, value)]
        else:
            first = value[0] if isinstance(value, list) and value else None
            complete = [each for each in likely if self._suits_items(each, first)]
        return next(iter(complete or likely), None)

    def _has_required(self, schema: JsonSchema, value: dict[str, Any]) -> bool:
        return value.keys() >= set(self._resolved(schema).get("required", ()))

    def _suits_items(self, schema: JsonSchema, first: Any) -> bool:
        """Return whether a list's items are lists, objects or single values, as its *first* is."""
        items = self._resolved(self._resolved(schema).get("items", {}))
        types = [_types(self._resolved(each)) for each in items.get("anyOf", [items])]
        wanted = {name if name in _CONTAINERS else "value" for each in types for name in each}
        shape = next((name for name in _CONTAINERS if _TYPES[name](first)), "value")
        return not wanted or shape in wanted

    def _resolved(self, schema: JsonSchema) -> JsonSchema:
        return resolved(schema, self.definitions)

    def fits(self, schema: JsonSchema) -> Fits:
        """Return the check of *schema*, compiled once; it stays in place, so its id tells it."""
        schema = self._resolved(schema)
        if id(schema) not in self._compiled:
            part = compile_schema(schema | {"$defs": self.definitions})
            self._compiled[id(schema)] = part.is_valid
        return self._compiled[id(schema)]


def pointer(path: Path) -> str:
    """Return a JSON pointer (RFC 6901)."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)[:MAX_POINTER_CHARACTERS]


def _words(schema: JsonSchema, value: Any) -> str:
    if "contains" in schema:
        name = json.dumps(schema["contains"]["const"], ensure_ascii=False)
        return f"should have the column {name}"
    words = f"should be {schema.get('description', 'something else')}"
    is_empty = value == [] and schema.get("minItems") == 1 and "maxItems" not in schema
    return f"{words}, not an empty one" if is_empty else words


def _is_of_type(value: Any, schema: JsonSchema) -> bool:
    """Return whether values of the JSON type of *value* can fit *schema*."""
    types = _types(schema)
    return not types or any(_TYPES[each](value) for each in types)


def _types(schema: JsonSchema) -> list[str]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


_CONTAINERS = ("array", "object")
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}

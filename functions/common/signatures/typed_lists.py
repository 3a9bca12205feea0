"""Check of lists by types: msgspec holds items against a type while it parses them.

A type is made of what a schema says. Where all items are of it, they fit the schema; where one is
not, it still may, and the engine must decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union

from msgspec import DecodeError, Meta, defstruct
from msgspec.json import Decoder

from functions.common.signatures.definitions import resolved
from functions.common.signatures.values import DATE_PATTERN, JsonSchema

MAX_PROPERTIES = 128
"""Properties of an object with a type: where the order of a row is another's, each is searched
for."""
PART_BYTES = 32_768
_WORDS = {"description", "title"}
_KEYWORDS: Mapping[str, set[str]] = {
    "array": {"items", "prefixItems", "minItems", "maxItems"},
    "boolean": set(),
    "integer": {"minimum", "maximum"},
    "null": set(),
    "number": set(),
    "object": {"properties", "required", "additionalProperties"},
    "string": {"pattern"},
}
_SIMPLE: Mapping[str, Any] = {"boolean": bool, "null": None, "number": float}
_ANY_CELL = bool | float | str | None


class ListCheck:
    """Counts the items of lists whose items are what *item* says.

    *order* are the names of an object's properties as its text has them.
    """

    def __init__(
        self, item: JsonSchema, definitions: Mapping[str, JsonSchema], order: Sequence[str] = ()
    ) -> None:
        self._decoder: Decoder[list[Any]] | None = None
        is_object = resolved(item, definitions).get("type") == "object"
        self._between = b"}," if is_object else b"],"
        try:
            self._decoder = Decoder(list[_Types(definitions, order).of(item)])  # type: ignore[misc]
        except (TypeError, ValueError):
            # No type says the same, or msgspec has no such type.
            return

    def count(self, text: bytes, *, part_bytes: int = PART_BYTES) -> int | None:
        """Return the number of items of *text*, if it is a list in JSON whose items surely fit.

        It is read in parts, whose values stay in the processor's cache. Each part is a list as
        well, so that it ends between two items if it is JSON.
        """
        if self._decoder is None or not (text.startswith(b"[") and text.endswith(b"]")):
            return None
        try:
            return sum(self._counts(self._decoder, text, part_bytes))
        except DecodeError:
            pass
        try:
            # What looked like the end of an item may have been within one.
            return sum(self._counts(self._decoder, text, len(text)))
        except DecodeError:
            return None

    def _counts(self, decoder: Decoder[list[Any]], text: bytes, part_bytes: int) -> Iterator[int]:
        start, end, last = 1, 0, len(text) - 1
        while end < last:
            end = text.find(self._between, start + part_bytes, last) + 1 or last
            items = decoder.decode(b"[%b]" % text[start:end])
            if not items:
                raise DecodeError
            yield len(items)
            start = end + 1


class _Types:
    """Makes types of schemas; raises ValueError where no type says the same."""

    def __init__(self, definitions: Mapping[str, JsonSchema], order: Sequence[str]) -> None:
        self._definitions = definitions
        self._order = order

    def of(self, schema: JsonSchema) -> Any:
        """Return a type, all of whose values fit *schema*."""
        schema = resolved(schema, self._definitions)
        if schema.keys() <= _WORDS:
            return _ANY_CELL
        types = schema.get("type", [])
        types = types if isinstance(types, list) else [types]
        known = _WORDS.union({"type"}, *(_KEYWORDS[name] for name in types))
        if not schema.keys() <= known or {"integer", "number"} <= set(types):
            raise ValueError("It says more than a type.")
        return Union[tuple(self._of_type(name, schema) for name in types)]  # noqa: UP007

    def _of_type(self, name: str, schema: JsonSchema) -> Any:
        match name:
            case "array":
                return self._list(schema)
            case "integer":
                return Annotated[int, Meta(ge=schema.get("minimum"), le=schema.get("maximum"))]
            case "object":
                return self._object(schema)
            case "string":
                return _text(schema)
        return _SIMPLE[name]

    def _list(self, schema: JsonSchema) -> Any:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if parts := schema.get("prefixItems"):
            if least > len(parts) or (most is not None and most < len(parts)):
                raise ValueError("It takes no list that has these items alone.")
            fields = [(f"_{number}", self.of(each)) for number, each in enumerate(parts)]
            return _struct(fields, array_like=True)
        items = self.of(schema.get("items", {}))
        return Annotated[list[items], Meta(min_length=least, max_length=most)]  # type: ignore[valid-type]

    def _object(self, schema: JsonSchema) -> Any:
        properties, required = schema.get("properties", {}), set(schema.get("required", ()))
        if not properties and not required:
            return dict[str, self.of(schema.get("additionalProperties", {}))]  # type: ignore[misc]
        if not required <= properties.keys() or len(properties) > MAX_PROPERTIES:
            raise ValueError("Its properties are too many, or not declared.")
        names = list(
            dict.fromkeys(each for each in (*self._order, *properties) if each in properties)
        )
        fields = [
            (f"_{number}", self.of(properties[name]), *(() if name in required else (None,)))
            for number, name in enumerate(names)
        ]
        by_field = {field: name for (field, *_), name in zip(fields, names, strict=True)}
        return _struct(fields, rename=by_field, kw_only=True)


def _text(schema: JsonSchema) -> Any:
    pattern = schema.get("pattern")
    if pattern is None:
        return str
    if pattern != DATE_PATTERN:
        raise ValueError("Its time may grow faster than the text.")
    # Python's `$` takes a line end.
    return Annotated[str, Meta(pattern=pattern.removesuffix("$") + r"\Z")]


def _struct(fields: Sequence[tuple[Any, ...]], **options: Any) -> Any:
    # No value of these types refers to another, so they are no garbage.
    return defstruct("Item", fields, forbid_unknown_fields=True, gc=False, **options)

"""Check of bodies that hold lists as text."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jiter import from_json

from functions.common.json_text import JsonText, PartlyParsed
from functions.common.signatures.body import PARAMETER_NAMES
from functions.common.signatures.definitions import resolved
from functions.common.signatures.explanation import Explanation
from functions.common.signatures.number_arrays import NumberArray
from functions.common.signatures.row_patterns import RowPattern
from functions.common.signatures.values import JsonSchema

if TYPE_CHECKING:
    from functions.common.signatures.typed_lists import ListCheck

CHECKS_KEPT = 16
"""Types of items, and orders of columns in rows, whose checks are kept."""
_WORDS = {"description", "title"}
_OF_OBJECTS = _WORDS | {"$defs", "type", "properties", "required", "additionalProperties"}
_OF_BODIES = {"required", "not"}
_LIMITS = {"minimum", "maximum"}
_OF_NUMBERS = _WORDS | _LIMITS | {"type"}
_ANYTHING: JsonSchema = {}
_PARTLY = (JsonText, PartlyParsed)
_OF_LISTS = _WORDS | {"type", "items", "prefixItems", "minItems", "maxItems"}


class TextCheck:
    """Finds values that fit a schema, without making values of the lists in them.

    It knows the keywords that our schemas use. Where it finds that a value fits, its texts are JSON
    and so does the engine; where it does not, the engine must decide.
    """

    def __init__(self, explanation: Explanation) -> None:
        self._definitions = explanation.definitions
        self._engine = explanation.fits
        self._items: dict[int, JsonSchema] = {}
        self._row_pattern = lru_cache(CHECKS_KEPT)(self._new_row_pattern)
        self._list_check = lru_cache(CHECKS_KEPT)(self._new_list_check)

    def body_fits(self, schema: JsonSchema, body: Mapping[str, Any], *, but: str = "") -> bool:
        """Return whether *body* surely fits its request schema; *but* one field is not checked."""
        forms = [resolved(each, self._definitions) for each in schema.get("oneOf", ())]
        # The others lack what they require.
        forms = [each for each in forms if body.keys() >= set(each.get("required", ()))]
        if len(forms) != 1 or len(body.keys() & set(PARAMETER_NAMES)) > 1:
            return False
        # What it excludes are two names for the parameters.
        form = {keyword: part for keyword, part in forms[0].items() if keyword not in _OF_BODIES}
        return self._object_fits(form, {name: body[name] for name in body if name != but})

    def fits(self, schema: JsonSchema, value: Any) -> bool:
        """Return whether *value* surely fits."""
        schema = resolved(schema, self._definitions)
        if isinstance(value, JsonText):
            return self._text_fits(schema, value)
        if not isinstance(value, PartlyParsed):
            return self._engine(schema)(value)
        if _is_choice(schema):
            return any(self.fits(each, value) for each in schema["anyOf"])
        return self._object_fits(schema, value)

    def _object_fits(self, schema: JsonSchema, value: Mapping[str, Any]) -> bool:
        if not schema.keys() <= _OF_OBJECTS or not _allows("object", schema):
            return False
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        return value.keys() >= set(schema.get("required", ())) and all(
            inner is not False and self.fits(inner, each)
            for name, each in value.items()
            if (inner := properties.get(name, others)) != {} or isinstance(each, _PARTLY)
        )

    def _text_fits(self, schema: JsonSchema, value: JsonText) -> bool:
        if isinstance(value, NumberArray) and self._array_fits(schema, value, value.shape):
            return True
        return self._list_fits(schema, value.text)

    def _array_fits(self, schema: JsonSchema, array: NumberArray, shape: Sequence[int]) -> bool:
        schema = resolved(schema, self._definitions)
        if _is_choice(schema):
            return any(self._array_fits(each, array, shape) for each in schema["anyOf"])
        if schema.keys() <= _WORDS:
            return True
        if not shape:
            return _numbers_fit(schema, array)
        length, *rest = shape
        if not _takes_list(schema, length):
            return False
        parts = schema.get("prefixItems", ())[:length]
        parts = parts if len(parts) == length else [*parts, schema.get("items", {})]
        return all(self._array_fits(each, array, rest) for each in parts)

    def _list_fits(self, schema: JsonSchema, text: bytes) -> bool:
        schema = resolved(schema, self._definitions)
        if _is_choice(schema):
            return any(self._list_fits(each, text) for each in schema["anyOf"])
        if "prefixItems" in schema or not _takes_list(schema):
            return False
        items = resolved(schema.get("items", _ANYTHING), self._definitions)
        self._items[id(items)] = items
        takes_any_number = schema.get("minItems", 0) <= 1 and "maxItems" not in schema
        if takes_any_number and self._row_pattern(id(items)).matches(text):
            return True
        order = _first_names(text) if "properties" in items else ()
        count = self._list_check(id(items), order).count(text)
        return count is not None and _takes_list(schema, count)

    def _new_row_pattern(self, items_id: int) -> RowPattern:
        return RowPattern(self._items[items_id], self._definitions)

    def _new_list_check(self, items_id: int, order: tuple[str, ...]) -> "ListCheck":
        from functions.common.signatures.typed_lists import ListCheck  # noqa: PLC0415 - few are large

        return ListCheck(self._items[items_id], self._definitions, order)


def _numbers_fit(schema: JsonSchema, array: NumberArray) -> bool:
    if not schema.keys() <= _OF_NUMBERS or (array.has_null and not _allows("null", schema)):
        return False
    if schema.keys().isdisjoint(_LIMITS) and _allows("number", schema):
        return True
    if array.digits is None or not _allows("integer", schema):
        return False
    most = 10**array.digits - 1
    least = -most if array.has_minus else 0
    return bool(schema.get("minimum", least) <= least and most <= schema.get("maximum", most))


def _takes_list(schema: JsonSchema, length: int | None = None) -> bool:
    """Return whether lists can fit, of that *length*, so far as the list itself is concerned."""
    if not schema.keys() <= _OF_LISTS or not _allows("array", schema):
        return False
    return length is None or schema.get("minItems", 0) <= length <= schema.get("maxItems", length)


def _first_names(text: bytes) -> tuple[str, ...]:
    """Return the names in the first of a list of objects; none where that is not plain to see."""
    try:
        first = from_json(text[1 : text.index(b"}") + 1])
    except ValueError:
        return ()
    return tuple(first) if isinstance(first, dict) else ()


def _is_choice(schema: JsonSchema) -> bool:
    return "anyOf" in schema and schema.keys() <= {*_WORDS, "anyOf"}


def _allows(name: str, schema: JsonSchema) -> bool:
    """Return whether values of the JSON type *name* can fit."""
    types = schema.get("type", name)
    return name in (types if isinstance(types, list) else [types])

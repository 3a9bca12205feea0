"""Check of bodies that hold arrays of numbers as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.common.json_text import PartlyParsed
from functions.common.signatures.body import PARAMETER_NAMES
from functions.common.signatures.definitions import resolved
from functions.common.signatures.explanation import Explanation
from functions.common.signatures.number_arrays import NumberArray
from functions.common.signatures.values import JsonSchema

_WORDS = {"description", "title"}
_OF_OBJECTS = _WORDS | {"type", "properties", "required", "additionalProperties"}
_OF_NUMBERS = _WORDS | {"type"}
_OF_LISTS = _WORDS | {"type", "items", "prefixItems", "minItems", "maxItems"}


class ArrayCheck:
    """Finds values that fit a schema, without parsing the arrays in them.

    It knows the keywords that our schemas use for numbers and what holds them. Where it finds that
    a value fits, so does the engine; where it does not, the engine must decide.
    """

    def __init__(self, explanation: Explanation) -> None:
        self._definitions = explanation.definitions
        self._engine = explanation.fits

    def body_fits(self, schema: JsonSchema, body: Mapping[str, Any]) -> bool:
        """Return whether *body* surely fits its request schema."""
        forms = [resolved(each, self._definitions) for each in schema.get("oneOf", ())]
        # The others lack what they require.
        forms = [each for each in forms if body.keys() >= set(each.get("required", ()))]
        if len(forms) != 1 or len(body.keys() & set(PARAMETER_NAMES)) > 1:
            return False
        # What it excludes are two names for the parameters.
        form = {keyword: part for keyword, part in forms[0].items() if keyword != "not"}
        return self.fits(form, body)

    def fits(self, schema: JsonSchema, value: Any) -> bool:
        """Return whether *value* surely fits."""
        if isinstance(value, NumberArray):
            return self._array_fits(schema, value.shape, nullable=value.has_null)
        if not isinstance(value, PartlyParsed):
            return self._engine(schema)(value)
        schema = resolved(schema, self._definitions)
        if _is_choice(schema):
            return any(self.fits(each, value) for each in schema["anyOf"])
        if not schema.keys() <= _OF_OBJECTS or not _allows("object", schema):
            return False
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        return value.keys() >= set(schema.get("required", ())) and all(
            inner is not False and self.fits(inner, each)
            for name, each in value.items()
            if (inner := properties.get(name, others)) != {}
        )

    def _array_fits(self, schema: JsonSchema, shape: Sequence[int], *, nullable: bool) -> bool:
        schema = resolved(schema, self._definitions)
        if _is_choice(schema):
            return any(self._array_fits(each, shape, nullable=nullable) for each in schema["anyOf"])
        if schema.keys() <= _WORDS:
            return True
        if not shape:
            types = ("number", "null") if nullable else ("number",)
            return schema.keys() <= _OF_NUMBERS and all(_allows(each, schema) for each in types)
        length, *rest = shape
        if not schema.keys() <= _OF_LISTS or not _allows("array", schema):
            return False
        if not schema.get("minItems", 0) <= length <= schema.get("maxItems", length):
            return False
        parts = schema.get("prefixItems", ())[:length]
        parts = parts if len(parts) == length else [*parts, schema.get("items", {})]
        return all(self._array_fits(each, rest, nullable=nullable) for each in parts)


def _is_choice(schema: JsonSchema) -> bool:
    return "anyOf" in schema and schema.keys() <= {*_WORDS, "anyOf"}


def _allows(name: str, schema: JsonSchema) -> bool:
    """Return whether values of the JSON type *name* can fit."""
    types = schema.get("type", name)
    return name in (types if isinstance(types, list) else [types])

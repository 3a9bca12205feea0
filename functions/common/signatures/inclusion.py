"""Whether all that fits one JSON Schema fits another, for schemas made of models' signatures.

The answer is yes only where it can be shown. A name that an object's schema does not declare is
left out of account: a table may have columns that its model ignores, and nobody was promised that
the next version ignores them too.
"""

from collections.abc import Mapping
from typing import Any

from functions.common.signatures.definitions import resolved
from functions.common.signatures.values import JsonSchema

_ANNOTATIONS = {"$defs", "$schema", "contentEncoding", "default", "description", "title"}
_ANYTHING: JsonSchema = {}
_NOTHING: JsonSchema = {"not": {}}


def takes_all(wider: JsonSchema, narrower: JsonSchema) -> bool:
    """Return whether every value that fits *narrower* surely fits *wider*.

    Each may have `$defs`, which it refers to.
    """
    return _Inclusion(wider.get("$defs", {}), narrower.get("$defs", {})).holds(wider, narrower)


def alternatives(schema: JsonSchema) -> list[JsonSchema]:
    """Return the alternatives of a body's schema, each a whole schema by itself."""
    definitions = schema["$defs"]
    return [resolved(each, definitions) | {"$defs": definitions} for each in schema["oneOf"]]


class _Inclusion:
    """Compares schemas that refer to two sets of definitions; each pair of them once."""

    def __init__(self, wider: Mapping[str, JsonSchema], narrower: Mapping[str, JsonSchema]) -> None:
        self._wider, self._narrower = wider, narrower
        self._known: dict[tuple[str, str], bool] = {}

    def holds(self, wider: JsonSchema, narrower: JsonSchema) -> bool:
        """Return whether all that fits *narrower* fits *wider*; of two names it is looked up."""
        names = (str(wider.get("$ref")), str(narrower.get("$ref")))
        if names in self._known:
            return self._known[names]
        found = self._holds(resolved(wider, self._wider), resolved(narrower, self._narrower))
        if "$ref" in wider and "$ref" in narrower:
            self._known[names] = found
        return found

    def _holds(self, wider: JsonSchema, narrower: JsonSchema) -> bool:
        if not wider.keys() - _ANNOTATIONS or narrower.get("not") == {}:
            return True
        if wider.get("not") == {}:
            return False
        if parts := _parts(narrower):
            return all(self.holds(wider, each) for each in parts)
        if choices := wider.get("anyOf") or wider.get("oneOf"):
            return any(self.holds(each, narrower) for each in choices)
        return _types_fit(wider, narrower) and self._details_fit(wider, narrower)

    def _details_fit(self, wider: JsonSchema, narrower: JsonSchema) -> bool:
        """Compare what is said of values of each type; *narrower* has at most one type."""
        held = narrower.get("allOf", ())
        if any(each not in held for each in wider.get("allOf", ())):
            return False
        if not _exclusions(wider) <= _exclusions(narrower) | _impossible(wider, narrower):
            return False
        match narrower.get("type"):
            case "array":
                return self._lists_fit(wider, narrower)
            case "object":
                return self._objects_fit(wider, narrower)
        same_text = wider.get("pattern") in {None, narrower.get("pattern")}
        return same_text and _within(wider, narrower, "minimum", "maximum")

    def _lists_fit(self, wider: JsonSchema, narrower: JsonSchema) -> bool:
        if not _within(wider, narrower, "minItems", "maxItems"):
            return False
        places = max(len(each.get("prefixItems", ())) for each in (wider, narrower))
        most = narrower.get("maxItems", places + 1)
        return all(
            self.holds(_item(wider, place), _item(narrower, place))
            for place in range(min(places + 1, most))
        )

    def _objects_fit(self, wider: JsonSchema, narrower: JsonSchema) -> bool:
        required = narrower.get("required", ())
        if not set(wider.get("required", ())) <= set(required):
            return False
        if not _within(wider, _counted(narrower), "minProperties", "maxProperties"):
            return False
        ours, theirs = wider.get("properties", {}), narrower.get("properties", {})
        others = wider.get("additionalProperties", _ANYTHING)
        others = _NOTHING if others is False else others
        declared = all(self.holds(ours.get(name, others), theirs[name]) for name in theirs)
        return declared and self._others_fit(ours, others, narrower)

    def _others_fit(
        self, ours: Mapping[str, JsonSchema], others: JsonSchema, narrower: JsonSchema
    ) -> bool:
        """Compare what names may hold that *narrower* does not declare one by one."""
        beside = narrower.get("additionalProperties")
        if beside is None:
            beside = _NOTHING if "properties" in narrower else _ANYTHING
        if beside is False:
            return True
        undeclared = [ours[name] for name in ours if name not in narrower.get("properties", {})]
        return all(self.holds(each, beside) for each in (*undeclared, others))


def _exclusions(schema: JsonSchema) -> set[frozenset[str]]:
    """Return the sets of names that an object must not have all of."""
    return {frozenset(each["required"]) for each in schema.get("not", {}).get("anyOf", ())}


def _impossible(wider: JsonSchema, narrower: JsonSchema) -> set[frozenset[str]]:
    """Return the exclusions of *wider* with a name that *narrower* does not declare."""
    declared = narrower.get("properties")
    found = _exclusions(wider)
    return set() if declared is None else {each for each in found if not each <= declared.keys()}


def _parts(schema: JsonSchema) -> list[JsonSchema]:
    """Return schemas of which every value of *schema* fits one; none: it is a single part."""
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return list(choices)
    types = schema.get("type")
    return [schema | {"type": each} for each in types] if isinstance(types, list) else []


def _types_fit(wider: JsonSchema, narrower: JsonSchema) -> bool:
    if "type" not in wider:
        return True
    types = wider["type"] if isinstance(wider["type"], list) else [wider["type"]]
    return narrower.get("type") in types or (
        narrower.get("type") == "integer" and "number" in types
    )


def _within(wider: JsonSchema, narrower: JsonSchema, least: str, most: str) -> bool:
    """Return whether the bounds of *narrower* lie between those of *wider*."""
    low = least not in wider or narrower.get(least, float("-inf")) >= wider[least]
    return low and (most not in wider or narrower.get(most, float("inf")) <= wider[most])


def _item(schema: JsonSchema, place: int) -> JsonSchema:
    prefix = schema.get("prefixItems", ())
    found: JsonSchema = prefix[place] if place < len(prefix) else schema.get("items", _ANYTHING)
    return found


def _counted(schema: JsonSchema) -> JsonSchema:
    """Return *schema* with the numbers of properties that follow from their names."""
    least = max(schema.get("minProperties", 0), len(schema.get("required", ())))
    counted: dict[str, Any] = {"minProperties": least}
    if "maxProperties" in schema:
        counted["maxProperties"] = schema["maxProperties"]
    elif "properties" in schema:
        counted["maxProperties"] = len(schema["properties"])
    return counted

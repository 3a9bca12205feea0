"""One model's schema, compiled.

The fast library says whether a value fits, in less time than its JSON took to parse. It is not
asked why not: it would collect every error of every alternative, seconds for a large body, and
quote values in them. `explanation` finds the reasons by asking it about ever smaller parts.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from functions.common.errors import Fault
from functions.common.signatures.explanation import DEFINITION, Explanation, Fits
from functions.common.signatures.scalars import JsonSchema
from functions.common.signatures.split import split_schema

if TYPE_CHECKING:
    from jsonschema_rs import Validator

MAX_FAULTS = 20
SPLITS_KEPT = 8
"""Orders of columns in `dataframe_split` of which the compiled schemas are kept, per model."""
_SPLIT = "dataframe_split"


class CompiledSchema:
    """The schema of a whole body for predict (see `request_schema`)."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        self._splits: OrderedDict[tuple[Hashable, ...], _Part] = OrderedDict()

    def faults(self, body: Mapping[str, Any]) -> list[Fault]:
        """What is wrong with *body*, at most `MAX_FAULTS`; empty when it fits."""
        if not self._whole.fits(body):
            return self._whole.faults(body, ())
        split = body.get(_SPLIT)
        part = self._split_of(split) if isinstance(split, dict) else None
        if part is None or part.fits(split):
            return []
        return part.faults(split, (_SPLIT,))

    @cached_property
    def _whole(self) -> "_Part":
        return _Part(self._schema)

    def _split_of(self, split: Mapping[str, Any]) -> "_Part | None":
        columns = split.get("columns")
        if not isinstance(columns, list) or not all(isinstance(name, Hashable) for name in columns):
            return None
        key = tuple(columns)
        if key not in self._splits:
            schema = split_schema(self._schema, columns)
            if schema is None:
                return None
            self._splits[key] = _Part(schema)
        self._splits.move_to_end(key)
        if len(self._splits) > SPLITS_KEPT:
            self._splits.popitem(last=False)
        return self._splits[key]


class _Part:
    """A schema with the definitions that it refers to."""

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema
        self._validator = _validator(schema)
        self._parts: dict[int, Fits] = {}

    def fits(self, value: Any) -> bool:
        return self._validator.is_valid(value)

    def faults(self, value: Any, path: tuple[str | int, ...]) -> list[Fault]:
        explanation = Explanation(self._schema["$defs"], self._fits_part)
        return list(islice(explanation.faults(self._schema, value, path), MAX_FAULTS))

    def _fits_part(self, schema: JsonSchema) -> Fits:
        """Compiled when it is first asked for; *schema* is a part of ours, which stays in place."""
        known = self._parts.get(id(schema))
        if known is None:
            used = _used(schema, self._schema["$defs"])
            known = _validator(schema | {"$defs": used}).is_valid
            self._parts[id(schema)] = known
        return known


def _used(schema: JsonSchema, definitions: Mapping[str, JsonSchema]) -> dict[str, JsonSchema]:
    """Those of *definitions* that *schema* refers to, directly or not."""
    used: dict[str, JsonSchema] = {}
    parts: list[Any] = [schema]
    while parts:
        part = parts.pop()
        if isinstance(part, list):
            parts += part
        elif isinstance(part, dict):
            parts += part.values()
            name = str(part.get("$ref", "")).removeprefix(DEFINITION)
            if name in definitions and name not in used:
                used[name] = definitions[name]
                parts.append(definitions[name])
    return used


def _validator(schema: JsonSchema) -> "Validator":
    # Imported by the first check: an environment whose models have no signature never needs it.
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    # The engine whose time grows with the string's length alone.
    return Draft202012Validator(schema, pattern_options=RegexOptions())

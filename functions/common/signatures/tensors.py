"""Tensor signatures: what each form of a body may hold."""

import math
import re
from collections.abc import Mapping, Sequence

from functions.common.signatures.definitions import Definitions
from functions.common.signatures.scalars import (
    SCALAR_TYPES,
    JsonSchema,
    Spec,
    converted_datetime,
    converted_integer,
    converted_number,
    whole,
)
from functions.common.signatures.tables import rows_of, split

ANY_LENGTH = -1
_FEW_BITS = 16
_NOT_EMPTY = {"not": {"type": "array", "maxItems": 0}}
_NO_TABLE = {"description": "sent as `inputs`: a table cannot hold this shape", "not": {}}


class Tensor:
    """One tensor of a signature.

    Attributes:
        shape: Its dimensions, `ANY_LENGTH` for those that vary.
    """

    def __init__(self, spec: Spec, definitions: Definitions) -> None:
        inner = spec.get("tensor-spec") or {}
        self.shape = tuple(inner.get("shape") or ())
        self._dtype = str(inner.get("dtype"))
        self._definitions = definitions
        element = _element(self._dtype, documented=definitions.documented)
        self._element = definitions.ref(self._dtype, element)

    def whole(self) -> JsonSchema:
        """Lists in lists, as deep as the shape has dimensions."""
        return self._lists(self.shape)

    def part(self) -> JsonSchema:
        """What one row has of it."""
        return self._lists(self.shape[1:])

    def table_cell(self) -> JsonSchema:
        """One row's part as one flat list, or as one value where it has no more."""
        if not self.shape or self.shape[0] != ANY_LENGTH or ANY_LENGTH in self.shape[1:]:
            return _NO_TABLE
        size = math.prod(self.shape[1:])
        listed = self._list(size, self._element, f"a list of {size} values")
        if len(self.shape) > 2 or size != 1:  # noqa: PLR2004 - a column, or a table of one
            return listed
        return {"description": "a value", "anyOf": [self._element, listed]}

    def table_value(self) -> JsonSchema:
        """A cell of a table that has a column for each place of the second dimension."""
        return self._element

    def _lists(self, shape: tuple[int, ...]) -> JsonSchema:
        if self._takes_anything():
            return {"description": "anything"}
        schema = self._element
        for place in reversed(range(len(shape))):
            schema = self._list(shape[place], schema, self._words(shape[place:]))
            if shape[place] == ANY_LENGTH and place + 1 < len(shape):
                schema["minItems"] = 1
        return schema

    def _takes_anything(self) -> bool:
        """Whatever numpy does not know is an object, and a list of lists of any lengths is one."""
        loose = self.shape == (ANY_LENGTH,) or ANY_LENGTH in self.shape[1:]
        return self._dtype == "object" and loose

    def _list(self, size: int, items: JsonSchema, words: str) -> JsonSchema:
        schema: JsonSchema = {"description": words, "type": "array", "items": items}
        return schema if size == ANY_LENGTH else schema | {"minItems": size, "maxItems": size}

    def _words(self, shape: tuple[int, ...]) -> str:
        lengths = ("any" if length == ANY_LENGTH else str(length) for length in shape)
        return f"a list of shape ({', '.join(lengths)})"


class Tensors:
    """The forms for one tensor without a name, or for several with names."""

    def __init__(self, specs: Sequence[Spec], definitions: Definitions) -> None:
        self._definitions = definitions
        self._tensors = {spec.get("name"): Tensor(spec, definitions) for spec in specs}

    def forms(self) -> dict[str, JsonSchema]:
        if None in self._tensors:
            return self._unnamed(self._tensors[None])
        return self._named({str(name): each for name, each in self._tensors.items()})

    def _unnamed(self, tensor: Tensor) -> dict[str, JsonSchema]:
        values = self._definitions.ref("tensor", tensor.whole() | _NOT_EMPTY)
        row = self._definitions.ref("table_row", _unnamed_row(tensor))
        return {
            "inputs": values,
            "instances": values,
            "dataframe_split": split(row=row),
            "dataframe_records": rows_of(row) | {"minItems": 1},
        }

    def _named(self, tensors: Mapping[str, Tensor]) -> dict[str, JsonSchema]:
        names = list(tensors)
        wholes = {
            name: self._definitions.ref("tensor", each.whole()) for name, each in tensors.items()
        }
        parts = {name: each.part() for name, each in tensors.items()}
        cells = {name: each.table_cell() for name, each in tensors.items()}
        by_name = self._definitions.ref("tensors", _object("tensors by their names", wholes))
        row = self._definitions.ref("row", _object("a row by its tensors' names", parts))
        record = self._definitions.ref("record", _object("a row by its tensors' names", cells))
        shapes = [by_name, *(wholes.values() if len(names) == 1 else ())]
        values = {"description": "tensors by their names", "anyOf": shapes}
        rows = rows_of(row) | {"minItems": 1}
        return {
            "inputs": values,
            "instances": values | {"anyOf": [*shapes, rows]},
            "dataframe_split": split(with_names=True),
            "dataframe_records": rows_of(record) | {"minItems": 1},
        }


def _object(words: str, properties: Mapping[str, JsonSchema]) -> JsonSchema:
    return {
        "description": words,
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
    }


def _unnamed_row(tensor: Tensor) -> JsonSchema:
    """One column of whatever name; or a column for each place of the second dimension."""
    cell, value = tensor.table_cell(), tensor.table_value()
    shapes: list[JsonSchema] = [
        _row({"minProperties": 1, "maxProperties": 1, "additionalProperties": cell}, "object"),
        _row({"minItems": 1, "maxItems": 1, "items": cell}, "array"),
        {"allOf": [{"type": list(SCALAR_TYPES)}, cell]},
    ]
    if len(tensor.shape) == 2 and tensor.shape[0] == ANY_LENGTH and tensor.shape[1] > 1:  # noqa: PLR2004
        width = tensor.shape[1]
        sizes = {"minProperties": width, "maxProperties": width, "additionalProperties": value}
        shapes += [
            _row(sizes, "object"),
            _row({"minItems": width, "maxItems": width, "items": value}, "array"),
        ]
    return {"description": "a row", "anyOf": shapes}


def _row(keywords: JsonSchema, kind: str) -> JsonSchema:
    return {"description": "a row", "type": kind} | keywords


def _element(dtype: str, *, documented: bool) -> JsonSchema:
    """What a value of numpy's *dtype* may be."""
    if integer := re.fullmatch(r"(u?)int(\d+)", dtype):
        return _integer(integer, documented=documented)
    if dtype.startswith("float"):
        number = {"type": "number"} if documented else converted_number()
        return {"description": "a number"} | number
    if dtype.startswith("datetime64"):
        moment = {"type": "string"} if documented else _TABLES_MOMENT
        return {"description": "a date and time in ISO 8601"} | moment
    if dtype == "object":
        return {"description": "a value"}
    words, kind = _LOOSE.get(dtype, ("a value", None))
    types = [kind] if documented and kind else list(SCALAR_TYPES)
    return {"description": words, "type": types}


def _integer(found: re.Match[str], *, documented: bool) -> JsonSchema:
    bits = int(found[2])
    limits = (0, 2**bits - 1) if found[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    words = f"from {limits[0]} to {limits[1]}" if bits <= _FEW_BITS else f"of {bits} bits"
    schema = whole(*limits) if documented else converted_integer(*limits)
    return {"description": f"a whole number {words}"} | schema


_TABLES_MOMENT = converted_datetime() | {"type": ["string", "number", "boolean", "null"]}
"""A table's moment may have a fraction."""
_LOOSE = {
    "bool": ("true or false", "boolean"),
    "bytes": ("a string", "string"),
    "str": ("a string", "string"),
}
"""By dtype, a value in words and its type; numpy makes these of anything."""

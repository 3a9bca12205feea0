"""Column signatures: what each form of a body may hold."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from functions.common.signatures.definitions import Definitions
from functions.common.signatures.nested import is_nested, is_required, nested
from functions.common.signatures.scalars import SCALAR_TYPES, JsonSchema, Reading, Spec
from functions.common.signatures.tables import NO_ROW, needed, rows_of, split

_ONE_ROW = {"array", "object", "sparkml_vector"}
"""A signature with one of these takes an object as one row, not as columns of many."""
_NO_GAPS = {"integer", "long", "array", "object", "map", "sparkml_vector"}
"""Types that null is not of, where `required` says so."""


_NO_COLUMN_OF_MAPS = {
    "description": "in a list of rows: MLflow takes no columns of maps",
    "type": ["object", "null"],
    "maxProperties": 0,
}


class NamedColumns:
    """The forms for columns with names.

    In a list of rows, a column need not be in every row: what is missing becomes null, which most
    types take. Some row has to have it.
    """

    def __init__(self, specs: Sequence[Spec], definitions: Definitions) -> None:
        self._specs = specs
        self._definitions = definitions
        self._required = [spec["name"] for spec in specs if is_required(spec)]
        self._lenient = not self._required and not definitions.documented

    def forms(self) -> dict[str, JsonSchema]:
        values = self._definitions.ref("values", self._values())
        return {
            "inputs": values,
            "instances": self._one_row() if self._has_one_row else values,
            "dataframe_split": split(with_names=bool(self._required)),
            "dataframe_records": self._rows("record", Reading.TABLE),
        }

    def _values(self) -> JsonSchema:
        shapes = [self._rows("row", Reading.ARRAY), self._columns()]
        if len(self._specs) == 1:
            shapes.append(self._bare())
        if self._lenient:
            shapes.append({"description": "anything", "type": list(SCALAR_TYPES)})
        return {"description": "a list of rows, or columns by their names", "anyOf": shapes}

    def _one_row(self) -> JsonSchema:
        """Of a list of rows MLflow would make columns of numpy's arrays, and refuse them."""
        shapes = [self._columns(), *([self._bare()] if len(self._specs) == 1 else [])]
        words = "one row by its columns' names; a list of rows goes as `inputs`"
        return {"description": words, "anyOf": shapes}

    @cached_property
    def _has_one_row(self) -> bool:
        """Whether an object is one row, not columns of many."""
        if all((spec.get("items") or spec).get("type") == "any" for spec in self._specs):
            return False
        return any(spec.get("type") in _ONE_ROW for spec in self._specs)

    def _rows(self, name: str, reading: Reading) -> JsonSchema:
        row: JsonSchema = self._definitions.ref(name, self._row(reading))
        rows = rows_of({"anyOf": [row, NO_ROW]} if self._lenient else row)
        somewhere = [name for name in self._required if name not in self._needed_everywhere]
        if somewhere:
            return rows | {"allOf": [self._definitions.ref("needed", needed(somewhere))]}
        return rows | ({"minItems": 1} if self._required else {})

    @cached_property
    def _needed_everywhere(self) -> list[str]:
        if self._definitions.documented:
            return self._required
        return [
            spec["name"]
            for spec in self._specs
            if is_required(spec) and spec.get("type") in _NO_GAPS
        ]

    def _row(self, reading: Reading) -> JsonSchema:
        properties = {spec["name"]: self._cell(spec, reading) for spec in self._specs}
        return _object("a row by its columns' names", properties, self._needed_everywhere)

    def _cell(self, spec: Spec, reading: Reading) -> JsonSchema:
        kind = str(spec.get("type"))
        if not is_nested(spec):
            return self._definitions.scalar(kind, reading)
        documented = self._definitions.documented
        schema = nested(spec, required=is_required(spec), documented=documented)
        if reading is Reading.ARRAY and kind in {"array", "sparkml_vector"}:
            # numpy makes an array of null, too, which MLflow does not take for none.
            schema = schema | {"type": "array"}
        return self._definitions.ref(kind, schema)

    def _columns(self) -> JsonSchema:
        """An object of columns; of one row's values, where lists and objects are values."""
        one_row = any(spec.get("type") in _ONE_ROW for spec in self._specs)
        column = self._cell if one_row else self._column
        properties = {spec["name"]: column(spec, Reading.ARRAY) for spec in self._specs}
        words = "a row by its columns' names" if one_row else "columns by their names"
        return self._definitions.ref("columns", _object(words, properties, self._required))

    def _column(self, spec: Spec, reading: Reading) -> JsonSchema:
        """A list of cells, or one cell."""
        kind = str(spec.get("type"))
        if kind == "any":
            return {}
        if kind == "map":
            return _NO_COLUMN_OF_MAPS
        cell = self._cell(spec, reading)
        column = {
            "description": "a list with a value for every row",
            "anyOf": [{"type": "array", "items": cell}, cell],
        }
        return self._definitions.ref(f"column_of_{kind}", column)

    def _bare(self) -> JsonSchema:
        """The only column's values, without its name."""
        spec = self._specs[0]
        cell = self._cell(spec, Reading.ARRAY)
        no_row = {"description": "a value of the only column", "type": ["array", *SCALAR_TYPES]}
        if is_nested(spec):
            return {"allOf": [{"type": "array", "items": no_row}, cell]}
        items = {"allOf": [no_row, cell]}
        words = "a list of the only column's values"
        return {"description": words, "type": "array", "items": items}


class UnnamedColumns:
    """The forms for columns without names, whose order alone counts."""

    def __init__(self, specs: Sequence[Spec], definitions: Definitions) -> None:
        self._specs = specs
        self._definitions = definitions

    def forms(self) -> dict[str, JsonSchema]:
        values = self._definitions.ref("values", self._values())
        return {
            "inputs": values,
            "instances": values,
            "dataframe_split": split(row=self._table_row()),
            "dataframe_records": rows_of({"anyOf": [{"type": "object"}, self._table_row()]})
            | {"minItems": 1},
        }

    def _values(self) -> JsonSchema:
        """Of lists and objects without names MLflow takes none here, but for models that are typed
        by their function's hints and parse them themselves."""
        first = self._specs[0]
        if is_nested(first):
            rows = rows_of(nested(first, required=True, documented=True))
            return rows if self._definitions.documented else {"description": "a list of rows"}
        cell = self._definitions.scalar(str(first.get("type")), Reading.ARRAY)
        no_list = {"type": [*SCALAR_TYPES, "object"]}
        row = {"description": "a row", "type": "array", "minItems": self._width}
        row["items"] = {"allOf": [no_list, cell]}
        named = {"description": "a row", "type": "object"}
        rows = {"description": "a list of rows", "type": "array", "minItems": 1}
        if self._width > 1:
            return rows | {"items": {"description": "a row", "anyOf": [row, named]}}
        value = {"allOf": [{"type": list(SCALAR_TYPES)}, cell]}
        rows["items"] = {"description": "a value", "anyOf": [value, row, named]}
        alone = {"allOf": [{"type": ["string", "number", "boolean"]}, cell]}
        return {"description": "a list of values", "anyOf": [rows, alone]}

    def _table_row(self) -> JsonSchema:
        cells = [self._table_cell(spec) for spec in self._specs]
        row: JsonSchema = {"description": "a row", "type": ["array", "object"]}
        row["prefixItems"] = cells
        if self._width > 1:
            return row
        one = {"allOf": [{"type": list(SCALAR_TYPES)}, cells[0]]}
        return {"description": "a row", "anyOf": [row, one]}

    def _table_cell(self, spec: Spec) -> JsonSchema:
        if not is_nested(spec):
            return self._definitions.scalar(str(spec.get("type")), Reading.TABLE)
        return nested(spec, required=True, documented=self._definitions.documented)

    @property
    def _width(self) -> int:
        return len(self._specs)


def _object(words: str, properties: Mapping[str, JsonSchema], required: list[str]) -> JsonSchema:
    schema: JsonSchema = {"description": words, "type": "object", "properties": dict(properties)}
    return schema | ({"required": required} if required else {})

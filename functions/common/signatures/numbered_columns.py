"""Columns whose names are numbers: the schema of each form of a body.

A JSON object has text for names alone, and MLflow finds no column `0` by `"0"`. So their tables are
sent as `dataframe_split`, and, where the names are 0, 1, 2 … and all of one type, as rows.
"""

from collections.abc import Sequence

from functions.common.signatures.specification import Column
from functions.common.signatures.tables import rows_schema, split_form
from functions.common.signatures.values import JsonSchema, list_schema

_BY_SPLIT: JsonSchema = {
    "description": "sent as `dataframe_split`: the columns' names are numbers",
    "not": {},
}


def numbered_forms(columns: Sequence[Column], cells: Sequence[JsonSchema]) -> dict[str, JsonSchema]:
    """Return the schema of each form, by the form's name; *cells* are those of the *columns*."""
    in_order = [each.name for each in columns] == list(range(len(columns)))
    # MLflow makes an array of rows, which has one type.
    as_rows = in_order and all(each == cells[0] for each in cells)
    rows = _rows(columns, cells) if as_rows else _BY_SPLIT
    return {
        "inputs": rows,
        "instances": rows,
        "dataframe_split": _split(columns, _row(cells), in_order=in_order),
        "dataframe_records": _BY_SPLIT,
    }


def _rows(columns: Sequence[Column], cells: Sequence[JsonSchema]) -> JsonSchema:
    """Return the schema of rows in the columns' order; of one column, its values."""
    if len(columns) == 1:
        return list_schema(cells[0], "a list of values") | {"minItems": 1}
    all_required = all(each.type.required for each in columns)
    return rows_schema(_row(cells) | ({"minItems": len(cells)} if all_required else {}))


def _row(cells: Sequence[JsonSchema]) -> JsonSchema:
    """Return the schema of a row whose columns may be in any order."""
    kinds = [each for place, each in enumerate(cells) if each not in cells[:place]]
    inner = kinds[0] if len(kinds) == 1 else {}
    return list_schema(inner, f"a list of {len(cells)} values")


def _split(columns: Sequence[Column], row: JsonSchema, *, in_order: bool) -> JsonSchema:
    form = split_form(row, named=not in_order)
    required = [each.name for each in columns if each.type.required]
    names = form["properties"]["columns"] | {"allOf": [_has(name) for name in required]}
    return form | {"properties": {**form["properties"], "columns": names if required else {}}}


def _has(name: str | float | None) -> JsonSchema:
    """Return the schema of a list that has *name*; null, for no list, fits as well."""
    return {"contains": {"const": name}}

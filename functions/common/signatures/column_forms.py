"""Column signatures: the schema of each form of a body."""

from collections.abc import Sequence

from functions.common.signatures.definitions import Definitions
from functions.common.signatures.numbered_columns import numbered_forms
from functions.common.signatures.specification import Column
from functions.common.signatures.tables import rows_schema, split_form
from functions.common.signatures.values import (
    ARRAYS,
    JsonSchema,
    any_of,
    list_schema,
    object_schema,
    value_schema,
)

_ONE_ROW = {*ARRAYS, "object"}
"""A signature with one of these takes an object as one row, not as columns of many rows."""
_OBJECTS = {"object", "map"}
"""Types whose values would be taken for rows or columns if they came without a name."""


def column_forms(columns: Sequence[Column], definitions: Definitions) -> dict[str, JsonSchema]:
    """Return the schema of each form, by the form's name."""
    cells = [definitions.ref(each.type.kind, value_schema(each.type)) for each in columns]
    if columns[0].name is None:
        return _unnamed(columns, cells)
    if not all(isinstance(each.name, str) for each in columns):
        return numbered_forms(columns, cells)
    names = [str(each.name) for each in columns]
    return _named(dict(zip(names, cells, strict=True)), columns, definitions)


def _named(
    cells: dict[str, JsonSchema], columns: Sequence[Column], definitions: Definitions
) -> dict[str, JsonSchema]:
    required = [str(each.name) for each in columns if each.type.required]
    row = definitions.ref("row", object_schema(cells, required, "a row by its columns' names"))
    rows = rows_schema(row)
    shapes = [rows, row if _is_one_row(columns) else _by_name(cells, required, definitions)]
    if len(columns) == 1:
        shapes += _bare(columns[0], cells[str(columns[0].name)])
    values = any_of(shapes, "a list of rows, or columns by their names")
    return {
        "inputs": definitions.ref("values", values),
        "instances": definitions.ref("values", values),
        "dataframe_split": split_form(list_schema({}, "a row"), named=True),
        "dataframe_records": rows,
    }


def _is_one_row(columns: Sequence[Column]) -> bool:
    return any(each.type.kind in _ONE_ROW for each in columns)


def _by_name(
    cells: dict[str, JsonSchema], required: list[str], definitions: Definitions
) -> JsonSchema:
    """Return the schema of columns; each is a list, or one value for all rows."""
    every_row = "a list with a value for every row"
    lists = {
        name: any_of([list_schema(cell, every_row) | {"minItems": 1}, cell], every_row)
        for name, cell in cells.items()
    }
    columns = {name: definitions.ref("column", each) for name, each in lists.items()}
    return definitions.ref("columns", object_schema(columns, required, "columns by their names"))


def _bare(column: Column, cell: JsonSchema) -> list[JsonSchema]:
    """Return the forms without the only column's name; MLflow takes a list of lists as one row."""
    if column.type.kind in ARRAYS:
        return [_bare_list(column)]
    if column.type.kind in _OBJECTS:
        return []
    return [list_schema(cell, "a list of the only column's values") | {"minItems": 1}]


def _bare_list(column: Column) -> JsonSchema:
    """Return the schema of the list that is the only column's value; an empty one is no rows."""
    return value_schema(column.type) | {"minItems": 1}


def _unnamed(columns: Sequence[Column], cells: list[JsonSchema]) -> dict[str, JsonSchema]:
    """Return the forms of columns without names; one column's value may be bare."""
    row = list_schema(cells[0], f"a list of {len(cells)} values") | {"minItems": len(cells)}
    if any(cell != cells[0] for cell in cells):
        row |= {"prefixItems": cells, "items": {}}
    rows = rows_schema(row)
    values = list_schema(cells[0], "a list of values") | {"minItems": 1}
    record = {"description": "a row", "type": "object", "minProperties": len(cells)}
    bare = _bare_list(columns[0]) if columns[0].type.kind in ARRAYS else cells[0]
    shapes = [values, rows, bare] if len(cells) == 1 else [rows]
    return {
        "inputs": any_of(shapes, "a list of values"),
        "instances": any_of(shapes, "a list of values"),
        "dataframe_split": split_form(row),
        "dataframe_records": rows_schema(record),
    }

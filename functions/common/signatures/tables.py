"""`dataframe_split` and `dataframe_records`, as pandas takes them."""

from collections.abc import Sequence

from functions.common.signatures.scalars import SCALAR_TYPES, JsonSchema

NO_ROW = {"type": ["array", *SCALAR_TYPES]}
"""What a list may hold beside rows by their columns' names, for a model that needs no column."""


def rows_of(row: JsonSchema) -> JsonSchema:
    return {"description": "a list of rows", "type": "array", "items": row}


def needed(columns: Sequence[str]) -> JsonSchema:
    """A list of rows of which some, not always the same one, has each of *columns*."""
    return {"allOf": [{"contains": {"required": [name]}} for name in columns]}


def split(*, row: JsonSchema | None = None, with_names: bool = False) -> JsonSchema:
    """A table as pandas splits it.

    Whose cell is whose is told by `columns`, so where columns have names (*with_names*: and some
    are required) the rest is said by `split_schema`; *row* is for those that have none.
    """
    data: JsonSchema = {"description": "a list of rows", "type": ["array", "object", "null"]}
    if row is not None:
        data["items"] = row
    schema: JsonSchema = {
        "description": "a table as pandas splits it",
        "type": "object",
        "properties": {
            "columns": {"description": "a list of the columns' names", "type": ["array", "null"]},
            "data": data,
            "index": {"description": "a list of the rows' names, of no effect"},
        },
        "required": ["data"],
        "additionalProperties": False,
    }
    if with_names:
        schema |= {"if": _WITH_COLUMNS, "then": _NAMES, "else": _ROWS_WITH_NAMES}
    return schema


_NAMES = {
    "properties": {
        "columns": {"items": {"description": "a column's name", "type": list(SCALAR_TYPES)}}
    }
}
_WITH_COLUMNS = {"properties": {"columns": {"type": "array"}}, "required": ["columns"]}
_ROWS_WITH_NAMES = {
    "properties": {
        "data": {
            "description": "a list of rows by their columns' names, or have `columns` beside it",
            "type": ["array", "object"],
            "items": {"description": "a row by its columns' names", "type": "object"},
            "minItems": 1,
        }
    }
}

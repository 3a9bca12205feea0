"""Tables: lists of rows, and `dataframe_split`, whose header names the columns of its cells."""

from collections.abc import Hashable, Mapping, Sequence

from functions.common.signatures.values import JsonSchema, list_schema

MAX_UNKNOWN_COLUMNS = 1_000
"""A table with more of them is not looked into: its schema would be as large as the request."""
_NAME: JsonSchema = {"description": "a column's name", "type": ["string", "number"]}
ROW, RECORD, SPLIT_BODY = "InputRow", "InputRecord", "DataframeSplitBody"
"""Names of definitions in a body's schema."""


def rows_schema(row: JsonSchema) -> JsonSchema:
    """Return the schema of a list with at least one *row*."""
    return list_schema(row, "a list of rows") | {"minItems": 1}


def split_form(row: JsonSchema, *, named: bool = False) -> JsonSchema:
    """Return the schema of a table; where columns are *named*, `split_schema` adds to it."""
    columns = list_schema(_NAME, "a list of the columns' names")
    return {
        "description": "a table as pandas splits it",
        "type": "object",
        "properties": {
            "columns": columns if named else columns | {"type": ["array", "null"]},
            "data": rows_schema(row),
            "index": {"description": "the rows' names, which have no effect"},
        },
        "required": ["columns", "data"] if named else ["data"],
        "additionalProperties": False,
    }


def split_schema(schema: JsonSchema, columns: Sequence[Hashable]) -> JsonSchema | None:
    """Return the schema of a `dataframe_split` with these *columns*: what the body's *schema* says
    of every `dataframe_split`, and what it says of rows.

    None where it has no columns with names, and where *columns* has far more.
    """
    definitions = schema["$defs"]
    row = definitions.get(RECORD) or definitions.get(ROW)
    if row is None or len(columns) > len(row["properties"]) + MAX_UNKNOWN_COLUMNS:
        return None
    form: JsonSchema = definitions[SPLIT_BODY]["properties"]["dataframe_split"]
    properties, present = form["properties"], set(columns)
    required = row.get("required", ())
    missing = [{"contains": {"const": name}} for name in required if name not in present]
    names = properties["columns"] | ({"allOf": missing} if missing else {})
    rows = rows_schema(_row(row["properties"], columns))
    return form | {
        "properties": properties | {"columns": names, "data": rows},
        "$defs": definitions,
    }


def _row(cells: Mapping[Hashable, JsonSchema], columns: Sequence[Hashable]) -> JsonSchema:
    description = f"a list of {len(columns)} values, one for each of `columns`"
    row = list_schema({}, description, size=len(columns))
    return row | ({"prefixItems": [cells.get(name, {}) for name in columns]} if columns else {})

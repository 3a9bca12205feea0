"""A table as pandas splits it: a cell's column is told by the request, not by its place."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from functions.common.signatures.scalars import SCALAR_TYPES, JsonSchema

MAX_UNKNOWN_COLUMNS = 1_000
"""A table with more of them is not looked into: its schema would be as large as the request."""


def split_schema(schema: Mapping[str, Any], columns: Sequence[Hashable]) -> JsonSchema | None:
    """What `dataframe_split` may be when its `columns` are *columns*, of which a caller may have
    written anything; None where *schema*, a whole body's, has no columns with names, or where
    *columns* are far too many."""
    definitions = schema["$defs"]
    row = definitions.get("record") or definitions.get("row")
    if row is None or len(columns) > len(row["properties"]) + MAX_UNKNOWN_COLUMNS:
        return None
    cells = row["properties"]
    given = set(columns)
    required = definitions.get("columns", row).get("required", ())
    missing = [{"contains": {"const": name}} for name in required if name not in given]
    parts = {"data": {"items": _row(cells, columns)}} | (
        {"columns": {"allOf": missing}} if missing else {}
    )
    return {"properties": parts, "$defs": definitions}


def _row(cells: Mapping[Hashable, JsonSchema], columns: Sequence[Hashable]) -> JsonSchema:
    by_place: JsonSchema = {
        "description": f"a list of {len(columns)} values, one for each of `columns`",
        "type": "array",
        "maxItems": len(columns),
    }
    if columns:
        by_place["prefixItems"] = [cells.get(name, {}) for name in columns]
    shapes: list[JsonSchema] = [by_place, {"type": "object", "properties": cells}]
    if len(columns) == 1:
        only = {"type": list(SCALAR_TYPES)}
        shapes.append({"allOf": [cells.get(columns[0], {}), only]})
    return {"description": "a row", "anyOf": shapes}

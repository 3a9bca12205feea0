"""What one model predicts, typed by the outputs of its signature.

MLflow holds no model to them, so healthy ones take liberties: rows as lists, a column without its
name, columns that were not declared. A schema allows for those too, the likeliest form first. What
is not a number (NaN, infinity) comes as null.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from functions.common.deployments.record import Deployment, ModelSource
from functions.describe.openapi import Json

type Spec = Mapping[str, Any]

_ANYTHING: Json = {"description": "As the model gives it."}
_SCALARS: dict[str, Json] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": ["number", "null"]},
    "double": {"type": ["number", "null"]},
    "string": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": ["string", "integer"], "description": "ISO 8601, or ns since 1970."},
}
_TENSOR_TYPES = {
    "bool": "boolean",
    "bytes": "binary",
    "datetime": "datetime",
    "float": "double",
    "int": "long",
    "str": "string",
    "uint": "long",
}
"""By the letters that a dtype's name begins with, the column type of its elements."""


def predictions_schema(deployment: Deployment) -> Json:
    """Of the predictions as a whole."""
    specs = deployment.output_schema
    if not specs or deployment.runtime is ModelSource.HUB:
        return _ANYTHING
    forms = _tensors(specs) if specs[0].get("type") == "tensor" else _table(specs)
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _table(columns: Sequence[Spec]) -> list[Json]:
    cells = {str(spec.get("name", number)): _cell(spec) for number, spec in enumerate(columns)}
    named = columns[0].get("name") is not None
    as_values = _list(*cells.values()) if len(cells) == 1 else None
    as_records = _list(_record(cells, columns))
    as_lists = _list(_row(list(cells.values())))
    columns_or_row = {name: _one_of([_list(cell), cell]) for name, cell in cells.items()}
    by_column = _object(columns_or_row) | {"title": "PredictedColumns"}
    likeliest = [as_records, as_values] if named else [as_values, as_records]
    return [form for form in (*likeliest, as_lists, by_column) if form]


def _record(cells: Mapping[str, Json], columns: Sequence[Spec]) -> Json:
    """Columns without names are numbered."""
    needed = [name for name, spec in zip(cells, columns, strict=True) if _is_required(spec)]
    record = _object(cells) | {"title": "PredictedRow"}
    return record | ({"required": needed} if needed else {})


def _row(cells: Sequence[Json]) -> Json:
    """Any of the columns' types anywhere: few generators of clients know tuples."""
    different = [cell for number, cell in enumerate(cells) if cell not in cells[:number]]
    return _list(_one_of(different)) | {"minItems": len(cells), "maxItems": len(cells)}


def _cell(spec: Spec) -> Json:
    value = _value(spec)
    may_be_null = not _is_required(spec) or spec.get("name") is None
    return _nullable(value) if may_be_null else value


def _value(spec: Spec) -> Json:
    match spec.get("type"):
        case "array":
            return _list(_nullable(_value(spec.get("items") or {})))
        case "map":
            return {"type": "object", "additionalProperties": _value(spec.get("values") or {})}
        case "object":
            return _properties(spec.get("properties") or {})
        case kind:
            return dict(_SCALARS.get(str(kind), {}))


def _properties(specs: Mapping[str, Spec]) -> Json:
    needed = [name for name, spec in specs.items() if _is_required(spec)]
    properties = {
        name: _value(spec) if _is_required(spec) else _nullable(_value(spec))
        for name, spec in specs.items()
    }
    return _object(properties) | ({"required": needed} if needed else {})


def _tensors(tensors: Sequence[Spec]) -> list[Json]:
    by_name = {str(spec["name"]): _tensor(spec) for spec in tensors if spec.get("name") is not None}
    named = _object(by_name) | {"title": "PredictedTensors", "required": list(by_name)}
    forms = [named] if by_name else []
    return forms if len(tensors) > 1 else [*forms, *_forms_of(tensors[0])]


def _forms_of(spec: Spec) -> list[Json]:
    """An array, or a table with one column's values or with its rows."""
    array = _tensor(spec)
    dimensions = len(_info(spec).get("shape") or ())
    if dimensions not in {1, 2}:
        return [array]
    element = _element(spec)
    cell = _one_of([element, _list(element)]) if dimensions == 1 else element
    row = {"type": "object", "title": "PredictedRow", "additionalProperties": cell}
    return [array, _list(row)]


def _tensor(spec: Spec) -> Json:
    array = _element(spec)
    for size in reversed(_info(spec).get("shape") or ()):
        array = _list(array) | ({"minItems": size, "maxItems": size} if size >= 0 else {})
    return array


def _element(spec: Spec) -> Json:
    letters = re.match("[a-z]*", str(_info(spec).get("dtype")))
    return _value({"type": _TENSOR_TYPES.get(letters[0] if letters else "")})


def _info(spec: Spec) -> Spec:
    info: Spec = spec.get("tensor-spec") or {}
    return info


def _is_required(spec: Spec) -> bool:
    """Earlier versions of MLflow said `optional`."""
    return bool(spec.get("required", not spec.get("optional", False)))


def _one_of(schemas: Sequence[Json]) -> Json:
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def _nullable(schema: Json) -> Json:
    types = schema.get("type")
    if types is None:
        return schema
    known = types if isinstance(types, list) else [types]
    return schema | {"type": [*known, "null"]} if "null" not in known else schema


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(properties: Mapping[str, Json]) -> Json:
    return {"type": "object", "properties": dict(properties)}

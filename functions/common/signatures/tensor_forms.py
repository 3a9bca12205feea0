"""Tensor signatures: the schema of each form of a body."""

import math
from collections.abc import Sequence

from functions.common.signatures.definitions import Definitions
from functions.common.signatures.specification import ANY_LENGTH, Tensor
from functions.common.signatures.tables import rows_schema, split_form
from functions.common.signatures.values import (
    JsonSchema,
    any_of,
    element_schema,
    list_schema,
    object_schema,
)

_NO_CELL: JsonSchema = {
    "description": "sent as `inputs`: a table cannot hold this shape",
    "not": {},
}
MATRIX = 2
"""Number of dimensions of a tensor that is a table itself."""


def tensor_forms(tensors: Sequence[Tensor], definitions: Definitions) -> dict[str, JsonSchema]:
    """Return the schema of each form, by the form's name."""
    if tensors[0].name is None:
        return _unnamed(tensors[0], definitions)
    return _named(tensors, definitions)


def tensor_schema(shape: Sequence[int], element: JsonSchema) -> JsonSchema:
    """Return the schema of lists in lists, as deep as *shape* has dimensions."""
    if not shape:
        return element
    lengths = ("any" if length == ANY_LENGTH else str(length) for length in shape)
    inner = tensor_schema(shape[1:], element)
    description = f"a list of shape ({', '.join(lengths)})"
    return list_schema(inner, description, size=None if shape[0] == ANY_LENGTH else shape[0])


def _unnamed(tensor: Tensor, definitions: Definitions) -> dict[str, JsonSchema]:
    element = definitions.ref(tensor.dtype, element_schema(tensor))
    values = definitions.ref("tensor", _whole(tensor, element))
    cell = _cell(tensor, element)
    row = [list_schema(cell, "a row of one cell", size=1)]
    record = [_record(cell, 1)]
    if len(tensor.shape) == MATRIX and tensor.shape[0] == ANY_LENGTH and tensor.shape[1] > 1:
        row.append(list_schema(element, "a row", size=tensor.shape[1]))
        record.append(_record(element, tensor.shape[1]))
    return {
        "inputs": values,
        "instances": values,
        "dataframe_split": split_form(any_of(row, "a row")),
        "dataframe_records": rows_schema(any_of(record, "a row")),
    }


def _named(tensors: Sequence[Tensor], definitions: Definitions) -> dict[str, JsonSchema]:
    names = [str(each.name) for each in tensors]
    elements = [definitions.ref(each.dtype, element_schema(each)) for each in tensors]
    pairs = list(zip(tensors, elements, strict=True))
    wholes = [definitions.ref("tensor", _whole(each, of)) for each, of in pairs]
    parts = [tensor_schema(each.shape[1:], of) for each, of in pairs]
    cells = [_cell(each, of) for each, of in pairs]
    by_name, row, record = (
        definitions.ref(
            name, object_schema(dict(zip(names, each, strict=True)), names, description)
        )
        for name, each, description in (
            ("tensors", wholes, "tensors by their names"),
            ("row", parts, "a row by its tensors' names"),
            ("record", cells, "a row by its tensors' names"),
        )
    )
    shapes = [by_name, *(wholes if len(wholes) == 1 else ())]
    rows = rows_schema(row)
    return {
        "inputs": any_of(shapes, "tensors by their names"),
        "instances": any_of([*shapes, rows], "tensors by their names, or a list of rows"),
        "dataframe_split": split_form(list_schema({}, "a row"), named=True),
        "dataframe_records": rows_schema(record),
    }


def _whole(tensor: Tensor, element: JsonSchema) -> JsonSchema:
    schema = tensor_schema(tensor.shape, element)
    return schema | {"minItems": 1} if tensor.shape[:1] == (ANY_LENGTH,) else schema


def _cell(tensor: Tensor, element: JsonSchema) -> JsonSchema:
    """Return the schema of one row's part of a tensor: one flat list, or one value."""
    rest = tensor.shape[1:]
    if not tensor.shape or tensor.shape[0] != ANY_LENGTH or ANY_LENGTH in rest:
        return _NO_CELL
    size = math.prod(rest)
    values = list_schema(element, f"a list of {size} values", size=size)
    if not rest:
        return element
    return any_of([element, values], "a value") if rest == (1,) else values


def _record(cell: JsonSchema, size: int) -> JsonSchema:
    sizes = {"minProperties": size, "maxProperties": size, "additionalProperties": cell}
    return {"description": "a row", "type": "object"} | sizes

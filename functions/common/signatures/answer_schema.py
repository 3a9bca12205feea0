"""The schema of a model's predictions, made of its signature's outputs.

Predictions are the JSON that our handler on the endpoint makes of a model's output: arrays as
nested lists, tables as lists of records, NaN and infinity as null. MLflow holds no model to its
signature's outputs, so healthy models take liberties, and the schema allows for these: whole
numbers for floats, a one-column table without its column's name, rows as lists in the columns'
order, columns beside the declared ones.
"""

from collections.abc import Sequence

from functions.common.signatures.definitions import Definitions
from functions.common.signatures.specification import (
    ANY_LENGTH,
    Column,
    Spec,
    Tensor,
    read_columns,
    read_tensors,
)
from functions.common.signatures.tensor_forms import MATRIX, tensor_schema
from functions.common.signatures.values import (
    ARRAYS,
    JsonSchema,
    any_of,
    element_schema,
    list_schema,
    nullable,
    object_schema,
    value_schema,
)


def answer_schema(
    output_schema: Sequence[Spec] | None, *, of_chat: bool = False
) -> JsonSchema | None:
    """Return the JSON Schema (2020-12) of the predictions; None without a signature of outputs.

    The answer of a model *of_chat* is one row, too, and may lack what is no list: MLflow's own
    classes leave out fields without a value, such as `id`, which their signature requires.
    """
    if not output_schema:
        return None
    definitions = Definitions("Predicted")
    tensors = read_tensors(output_schema)
    columns = read_columns(output_schema)
    if tensors:
        forms = _tensors(tensors, definitions)
    elif of_chat and columns[0].name is not None:
        forms = _chat(columns, definitions)
    else:
        forms = _table(columns, definitions)
    return any_of(forms, "what the signature's outputs declare") | {"$defs": definitions.collected}


def _table(columns: Sequence[Column], definitions: Definitions) -> list[JsonSchema]:
    """Return the forms of a table, the likeliest first."""
    cells = _cells(columns, definitions)
    listed = list(cells.values())
    row = list_schema({}, f"a list of {len(cells)} values", size=len(cells))
    forms = [
        list_schema(_record(columns, cells, definitions), "a list of rows by their columns' names"),
        list_schema(row | {"prefixItems": listed}, "a list of rows"),
        _by_column(columns, cells, definitions),
    ]
    if len(columns) > 1:
        return [*forms, *_numbered(columns, listed)]
    values = list_schema(listed[0], "a list of values")
    first = [values, forms[0]] if columns[0].name is None else [forms[0], values]
    alone = [] if columns[0].type.kind in ARRAYS else listed
    return [*first, *forms[1:], *_numbered(columns, listed), *alone]


def _chat(columns: Sequence[Column], definitions: Definitions) -> list[JsonSchema]:
    """Return the forms of a chat's answer: one row, or whatever a table may be."""
    optional = list(map(_with_option, columns))
    row = _record(optional, _cells(optional, definitions), definitions)
    return [row, *_table(optional, definitions)]


def _with_option(column: Column) -> Column:
    is_list = column.type.kind in ARRAYS
    return column if is_list or column.name is None else column.as_optional()


def _cells(columns: Sequence[Column], definitions: Definitions) -> dict[str, JsonSchema]:
    """Return the schema of each column's values, by its name."""
    return {
        _name(column, place): definitions.ref(column.type.kind, _cell(column))
        for place, column in enumerate(columns)
    }


def _name(column: Column, place: int) -> str:
    """Return the column's name, or its number, by which pandas names it; JSON's are all text."""
    return str(place if column.name is None else column.name)


def _cell(column: Column) -> JsonSchema:
    """Return the schema of a cell. MLflow cannot declare a column without a name as optional."""
    schema = value_schema(column.type, answer=True)
    return nullable(schema) if column.name is None else schema


def _record(
    columns: Sequence[Column], cells: dict[str, JsonSchema], definitions: Definitions
) -> JsonSchema:
    if columns[0].name is None:
        return _open_record(any_of(list(cells.values()), "a value"), len(cells))
    row = object_schema(cells, _required(columns), "a row by its columns' names")
    return definitions.ref("row", row)


def _numbered(columns: Sequence[Column], cells: list[JsonSchema]) -> list[JsonSchema]:
    """Return the form of rows that have numbers in place of the columns' names."""
    if columns[0].name is None:
        return []
    names = [str(place) for place in range(len(cells))]
    row = object_schema(dict(zip(names, cells, strict=True)), names, "a row by numbers")
    return [list_schema(row, "a list of rows")]


def _by_column(
    columns: Sequence[Column], cells: dict[str, JsonSchema], definitions: Definitions
) -> JsonSchema:
    """Return the form of columns by their names, which is that of one row as well."""
    every_row = "a list with a value for every row"
    either = {
        name: any_of([list_schema(cell, every_row), cell], every_row)
        for name, cell in cells.items()
    }
    either = {name: definitions.ref("column", each) for name, each in either.items()}
    schema = object_schema(either, _required(columns), "columns by their names")
    return definitions.ref("columns", schema)


def _required(columns: Sequence[Column]) -> list[str]:
    return [_name(each, place) for place, each in enumerate(columns) if each.type.required]


def _tensors(tensors: Sequence[Tensor], definitions: Definitions) -> list[JsonSchema]:
    """Return the forms of tensors by their names, of one tensor, and of one tensor as a table."""
    wholes = {str(each.name): tensor_schema(each.shape, _element(each)) for each in tensors}
    first = tensors[0]
    if first.name is None:
        return [wholes["None"], *_tables(first)]
    named = object_schema(wholes, list(wholes), "tensors by their names")
    forms = [definitions.ref("tensors", named)]
    return forms if len(tensors) > 1 else [*forms, wholes[first.name], *_tables(first)]


def _tables(tensor: Tensor) -> list[JsonSchema]:
    """Return the forms of a table: one column of the tensor's rows, or a column per element."""
    if not tensor.shape:
        return []
    element = _element(tensor)
    rows = [_open_record(tensor_schema(tensor.shape[1:], element), 1)]
    if len(tensor.shape) == MATRIX:
        width = tensor.shape[1]
        rows.append(_open_record(element, None if width == ANY_LENGTH else width))
    return [list_schema(row, "a list of rows") for row in rows]


def _element(tensor: Tensor) -> JsonSchema:
    return element_schema(tensor, answer=True)


def _open_record(cell: JsonSchema, size: int | None) -> JsonSchema:
    """Return the schema of a row by names that the signature does not declare."""
    sizes = {} if size is None else {"minProperties": size, "maxProperties": size}
    return {"description": "a row", "type": "object", "additionalProperties": cell} | sizes

"""Whether an answer is what its model's signature says that the model answers.

An answer is the JSON that our handler on the endpoint makes of a model's output: arrays as nested
lists, tables as lists of records, NaN and infinity as null. MLflow holds no model to the outputs
of its signature, so healthy ones take liberties, and these are allowed: whole numbers where
fractions are declared and the reverse, a one-column table without its column's name, rows as
lists in the columns' order, columns beside the declared ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from functions.common.signatures.signature_values import (
    NULL,
    Problem,
    Spec,
    first_of,
    is_numeric,
    is_required,
    kind_of,
    part_problem,
    should_be,
    value_problem,
)

_MISSING = object()
_TENSOR_TYPES = {
    "bool": "boolean",
    "bytes": "binary",
    "datetime": "datetime",
    "float": "double",
    "int": "long",
    "object": "any",
    "str": "string",
    "uint": "long",
}
"""By the letters that a dtype's name begins with, the column type of its elements."""


def mismatch(predictions: Any, output_schema: Sequence[Spec] | None) -> str | None:
    """A sentence on where *predictions* first differ from *output_schema*; None when they fit.

    The sentence counts rows and items from 1 and quotes no value. An answer that holds nothing,
    or nothing but null, fits no schema, and is all that does not fit None.
    """
    problem = _nothing(predictions)
    if problem is None and output_schema:
        tensors = all(spec.get("type") == "tensor" for spec in output_schema)
        problem = (_tensors if tensors else _table)(predictions, output_schema)
    return None if problem is None else str(problem)


def _nothing(answer: Any) -> Problem | None:
    if answer is None:
        return Problem(NULL)
    if isinstance(answer, dict | list) and not answer:
        return Problem("holds no predictions")
    leaves = list(_leaves_to_a_value(answer))
    if leaves and leaves[-1] is None:
        return Problem("holds nothing but null (NaN, infinity or missing)")
    return None


def _leaves_to_a_value(value: Any) -> Iterator[Any]:
    """The leaves of *value* up to the first that is not null."""
    if not isinstance(value, dict | list):
        yield value
        return
    for part in value.values() if isinstance(value, dict) else value:
        for leaf in _leaves_to_a_value(part):
            yield leaf
            if leaf is not None:
                return


def _best(readings: Iterable[Problem | None]) -> Problem | None:
    """None when one of the *readings* is sound; else the problem of the first, likeliest one."""
    likeliest = None
    for problem in readings:
        if problem is None:
            return None
        likeliest = likeliest or problem
    return likeliest


def _table(answer: Any, columns: Sequence[Spec]) -> Problem | None:
    if isinstance(answer, list):
        return _rows(answer, columns)
    return _best(_as_row_or_columns(answer, columns))


def _as_row_or_columns(answer: Any, columns: Sequence[Spec]) -> Iterator[Problem | None]:
    yield _row(answer, columns)
    by_column = list(answer.values()) if isinstance(answer, dict) else []
    lengths = {len(each) if isinstance(each, list) else None for each in by_column}
    if len(lengths) == 1 and None not in lengths:
        rows = [dict(zip(answer, row, strict=True)) for row in zip(*by_column, strict=True)]
        yield _rows(rows, columns)


def _rows(rows: Sequence[Any], columns: Sequence[Spec]) -> Problem | None:
    for number, row in enumerate(rows, start=1):
        if problem := _row(row, columns):
            return problem.within(f"row {number}")
    return None


def _row(row: Any, columns: Sequence[Spec]) -> Problem | None:
    readings = list(_cells(row, columns))
    if not readings:
        names = ", ".join(_label(spec, number) for number, spec in enumerate(columns, start=1))
        return Problem(f"should have {names} and is {kind_of(row)}")
    return _best(_cell_problem(cells, columns) for cells in readings)


def _cells(row: Any, columns: Sequence[Spec]) -> Iterator[Sequence[Any]]:
    """The ways to see one value per column in *row*, the likeliest first."""
    named = all(spec.get("name") is not None for spec in columns)
    if isinstance(row, dict) and named:
        yield [row.get(str(spec["name"]), _MISSING) for spec in columns]
    if len(columns) == 1:
        yield [row]
    if isinstance(row, dict | list) and len(row) == len(columns):
        if isinstance(row, list):
            yield row
        elif not named or _is_numbered(row):
            yield list(row.values())


def _is_numbered(row: dict[str, Any]) -> bool:
    """Whether its columns had no names: pandas then numbers them."""
    return list(row) == [str(number) for number in range(len(row))]


def _cell_problem(cells: Sequence[Any], columns: Sequence[Spec]) -> Problem | None:
    numbered = enumerate(zip(cells, columns, strict=True), start=1)
    return first_of(_cell(cell, spec, _label(spec, number)) for number, (cell, spec) in numbered)


def _cell(cell: Any, spec: Spec, label: str) -> Problem | None:
    if cell is _MISSING:
        return Problem(f"has no {label}") if is_required(spec) else None
    named = spec.get("name") is not None
    # MLflow cannot declare a column without a name as optional.
    may_be_null = not is_required(spec) if named else not is_numeric(spec)
    if cell is None and may_be_null:
        return None
    return part_problem(cell, spec, label)


def _label(spec: Spec, number: int) -> str:
    name = spec.get("name")
    return f"column {number}" if name is None else f'column "{name}"'


def _tensors(answer: Any, tensors: Sequence[Spec]) -> Problem | None:
    names = [spec.get("name") for spec in tensors]
    if isinstance(answer, dict) and None not in names:
        return first_of(_named_tensor(answer, spec) for spec in tensors)
    if len(tensors) > 1:
        listed = ", ".join(f'tensor "{name}"' for name in names)
        return Problem(f"should have {listed} and is {kind_of(answer)}")
    info = tensors[0].get("tensor-spec") or {}
    return _best(_tensor(reading, info) for reading in _as_arrays(answer))


def _named_tensor(answer: dict[str, Any], spec: Spec) -> Problem | None:
    label = f'tensor "{spec["name"]}"'
    if spec["name"] not in answer:
        return Problem(f"has no {label}")
    problem = _tensor(answer[spec["name"]], spec.get("tensor-spec") or {})
    return problem.within(label) if problem else None


def _as_arrays(answer: Any) -> Iterator[Any]:
    """The answer; a table's rows as lists; a one-column table's as values."""
    yield answer
    if isinstance(answer, list) and all(isinstance(row, dict) for row in answer):
        rows = [list(row.values()) for row in answer]
        yield rows
        if all(len(row) == 1 for row in rows):
            yield [row[0] for row in rows]


def _tensor(value: Any, info: Spec) -> Problem | None:
    letters = "".join(letter for letter in str(info.get("dtype")).split("[")[0] if letter.isalpha())
    return _dimensions(value, info.get("shape") or (), {"type": _TENSOR_TYPES.get(letters)}, "row")


def _dimensions(value: Any, shape: Sequence[int], of: Spec, part: str) -> Problem | None:
    if not shape:
        return value_problem(value, of)
    if not isinstance(value, list):
        return Problem(NULL) if value is None else should_be("a list", value)
    if shape[0] >= 0 and len(value) != shape[0]:
        return should_be(f"a list of {shape[0]}", value)
    for number, item in enumerate(value, start=1):
        if problem := _dimensions(item, shape[1:], of, "item"):
            return problem.within(f"{part} {number}")
    return None

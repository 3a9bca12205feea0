"""Large tables that fit are checked without making values of their rows.

That the verdict is the straightforward one, `test_large_bodies.py` shows.
"""

import json
from typing import Any

import pytest

from functions.common.api.body import parsed_body
from functions.common.errors import InvalidInputError, InvalidJsonError, InvalidRequestError
from functions.common.json_text import LARGE_BYTES, JsonText, PartlyParsed
from functions.common.signatures.check import CompiledSchema, InputValidator, check_fields
from functions.common.signatures.request_schema import request_schema
from tests.builders import a_live_deployment
from tests.differential.signatures import column, param, tensor

COLUMNS = [
    column("long", "age"),
    column("double", "height"),
    column("string", "city"),
    column("boolean", "member", required=False),
    column("datetime", "since"),
]
NAMES = [each["name"] for each in COLUMNS]
ROW = [41, 1.75, 'Z]ü},{"rich', True, "2026-11-30"]
ROWS = [ROW] * 1_000
RECORDS = [dict(zip(NAMES, ROW, strict=True))] * 1_000
BACKWARDS = {"columns": NAMES[::-1], "data": [ROW[::-1]] * 1_000}
WHOLE_NUMBERS = [[0, 127, -128]] * 2_000
PARAMS = [param("double", 0.5)]


def schema_of(inputs: list[dict[str, Any]]) -> dict[str, Any]:
    schema = request_schema(inputs, PARAMS)
    assert schema
    return schema


def texts_in(value: Any) -> list[JsonText]:
    if isinstance(value, JsonText):
        return [value]
    inner = value.values() if isinstance(value, dict) else ()
    return [text for each in inner for text in texts_in(each)]


@pytest.mark.parametrize(
    ("inputs", "body"),
    [
        (COLUMNS, {"dataframe_records": RECORDS}),
        (COLUMNS, {"dataframe_records": [*RECORDS, RECORDS[0] | {"member": None}]}),
        (COLUMNS, {"inputs": RECORDS, "params": {"p": 2}}),
        (COLUMNS, {"params": {"p": 2}, "instances": RECORDS}),
        (COLUMNS, {"inputs": {name: [cell] * 1_000 for name, cell in RECORDS[0].items()}}),
        (COLUMNS, {"dataframe_split": {"columns": NAMES, "data": ROWS}}),
        (COLUMNS, {"dataframe_split": BACKWARDS}),
        (COLUMNS, {"dataframe_split": {"data": ROWS, "columns": NAMES}}),
        (COLUMNS, {"dataframe_split": {"index": list(range(1_000)), **BACKWARDS}}),
        (COLUMNS, {"dataframe_split": {"index": ["row"] * 20_000, **BACKWARDS}}),
        ([tensor("int8", -1, 3)], {"inputs": WHOLE_NUMBERS}),
        ([tensor("uint8", -1, 3)], {"inputs": [[0, 255, 7]] * 2_000}),
        ([tensor("int64", -1, 1)], {"inputs": [[2**63 - 1], [-(2**63)]] * 2_000}),
        ([tensor("str", -1, 2)], {"inputs": [["a", "ü"]] * 2_000}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("indent", [None, 1])
def test_no_values_are_made(
    inputs: list[dict[str, Any]], body: dict[str, Any], indent: int | None
) -> None:
    """Of the large list in a body, wherever it is, and however it is written."""
    raw = json.dumps(body, ensure_ascii=False, indent=indent).encode()

    parsed = parsed_body(raw).parsed

    assert isinstance(parsed, PartlyParsed)
    assert LARGE_BYTES < len(max((each.text for each in texts_in(parsed)), key=len))
    assert CompiledSchema(schema_of(inputs)).body_surely_fits(parsed)


@pytest.mark.parametrize("inputs", [COLUMNS, None])
@pytest.mark.parametrize(
    ("more", "error"),
    [
        (b', "inputs": [1]}', InvalidRequestError),
        (b', "unknown": []}', InvalidRequestError),
        (b', "unknown": [}', InvalidJsonError),
        (b"], []}", InvalidJsonError),
        (b"}]", InvalidJsonError),
        (b"", InvalidJsonError),
    ],
)
def test_what_follows_the_rows_is_read(
    inputs: list[dict[str, Any]] | None, more: bytes, error: type[Exception]
) -> None:
    """Although the last bracket is not that of the rows, with a signature and without one."""
    raw = json.dumps({"dataframe_records": RECORDS}).encode()[:-1] + more
    schema = schema_of(inputs) if inputs else None

    def check() -> None:
        body = parsed_body(raw)
        check_fields(body)
        InputValidator().check(a_live_deployment(request_schema=schema), body)

    with pytest.raises(error):
        check()


def test_a_list_of_tables_is_no_body() -> None:
    """An object is asked for."""
    with pytest.raises(InvalidRequestError):
        parsed_body(json.dumps([{"dataframe_split": BACKWARDS}]).encode())


def test_the_fault_of_one_cell_is_found() -> None:
    """In the last of many rows, by the engine."""
    rows = [*ROWS, ["x", *ROW[1:]]]
    raw = json.dumps({"dataframe_split": {"columns": NAMES, "data": rows}}).encode()

    with pytest.raises(InvalidInputError) as refused:
        InputValidator().check(
            a_live_deployment(request_schema=schema_of(COLUMNS)), parsed_body(raw)
        )

    assert ["/dataframe_split/data/1000/0"] == [each.pointer for each in refused.value.faults]

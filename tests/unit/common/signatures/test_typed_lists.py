"""Where a list's items are found to fit, the engine finds so too; and most that fit are found."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.signatures.request_schema import request_schema
from functions.common.signatures.specification import Tensor
from functions.common.signatures.tables import split_schema
from functions.common.signatures.typed_lists import MAX_PROPERTIES, PART_BYTES, ListCheck
from functions.common.signatures.values import (
    DATE_PATTERN,
    JsonSchema,
    element_schema,
    list_schema,
)
from tests.differential.signatures import DTYPES, Signature, column
from tests.unit.common.signatures.list_texts import (
    NUMBERS,
    OTHERS,
    a_table,
    fits,
    randoms,
    rows_of,
    text_of,
)


@given(randoms, st.sampled_from([1, 30, PART_BYTES]))
def test_what_is_counted_fits(random: Random, part_bytes: int) -> None:
    """By the engine, on what `from_json` parses; wherever the text is cut."""
    schema, definitions, rows = rows_of(a_table(random), random)
    raw = text_of(rows, random)

    count = ListCheck(schema, definitions).count(raw, part_bytes=part_bytes)

    assert count is None or count == fits(schema, definitions, raw)


@given(randoms, st.sampled_from(DTYPES))
def test_what_is_counted_in_a_tensor_fits(random: Random, dtype: str) -> None:
    """With numbers at the ends of every type."""
    row = list_schema(element_schema(Tensor(None, dtype, (-1, 2))), "a row", size=2)
    cells = [random.choice([*NUMBERS, *OTHERS, "1", "-7"]) for _ in range(4)]
    raw = "[[{},{}],[{},{}]]".format(*cells).encode()

    count = ListCheck(row, {}).count(raw)

    assert count is None or count == fits(row, {}, raw)


@pytest.mark.parametrize("part_bytes", [1, 30, PART_BYTES])
@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("boolean", [True, False]),
        ("integer", [0, -7, 2**31 - 1]),
        ("long", [2**63 - 1, -(2**63)]),
        ("double", [1, 2.5, None, 1e300]),
        ("string", ["", "ä", '"},{"', "\n"]),
        ("datetime", ["2026-11-30", "2026-11-30T12:00:00.123456789+01:00"]),
        ({"type": "array", "items": {"type": "long"}}, [[], [1], [1, 2]]),
        ({"type": "map", "values": {"type": "string"}}, [{}, {"k": "v"}]),
        ({"type": "any"}, [1, 2.5, "x", True, None]),
    ],
    ids=str,
)
def test_rows_of_simple_types_are_counted(kind: Any, cells: list[Any], part_bytes: int) -> None:
    """As records whose optional column may be missing, and as lists."""
    signature = Signature([column(kind, "a b"), column("string", "ü", required=False)])
    schema = request_schema(signature.inputs, None)
    assert schema
    split = split_schema(schema, ["ü", "a b"])
    assert split
    records = [{"a b": each} for each in cells] + [{"ü": None, "a b": each} for each in cells]
    rows = [["x", each] for each in cells]
    for items, found in (
        (schema["$defs"]["InputRow"], records),
        (split["properties"]["data"]["items"], rows),
    ):
        raw = json.dumps(found, separators=(",", ":")).encode()
        check = ListCheck(items, schema["$defs"])
        assert len(found) == check.count(raw, part_bytes=part_bytes)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^a*$"},
        {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
        {"type": ["integer", "number"], "minimum": 0},
        {"type": "object", "required": ["a"]},
        {"type": "object", "properties": {'"': {"type": "string"}}},
        {"type": "object", "properties": {str(at): {} for at in range(MAX_PROPERTIES + 1)}},
        {"type": "object", "minProperties": 1},
        {"type": "array", "prefixItems": [{}], "minItems": 2},
        {"anyOf": [{"type": "string"}]},
        {"not": {}},
    ],
    ids=str,
)
def test_nothing_is_counted_where_no_type_says_the_same(schema: JsonSchema) -> None:
    """The engine decides."""
    assert ListCheck(schema, {}).count(b'["a"]') is None


@pytest.mark.parametrize("text", [b"", b"[]", b"[", b"]", b"1", b'["a"],', b'["a"]]', b'[["a"]'])
def test_what_is_no_list_of_items_is_not_counted(text: bytes) -> None:
    """Nor an empty list."""
    assert ListCheck({"type": "string"}, {}).count(text) is None


@given(st.text(alphabet="0123456789-T:.Z+ \n٢", max_size=36))
def test_dates_are_those_of_the_engine(text: str) -> None:
    """Although the two have regular expressions of their own."""
    schema = {"type": "string", "pattern": DATE_PATTERN}
    for each in (text, f"2026-11-30{text}", f"2026-11-30T12:00{text}"):
        raw = json.dumps([each]).encode()
        assert fits(schema, {}, raw) == ListCheck(schema, {}).count(raw)

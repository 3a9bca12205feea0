"""Where rows are found to match, the engine finds that they fit; and plain rows are found."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.signatures.request_schema import request_schema
from functions.common.signatures.row_patterns import MAX_CHARACTERS, RowPattern
from functions.common.signatures.specification import Tensor
from functions.common.signatures.tables import split_schema
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
    STRINGS,
    a_table,
    fits,
    randoms,
    rows_of,
    text_of,
)

ROW = list_schema({"type": "string"}, "a row", size=1)


@given(randoms)
def test_rows_that_match_fit(random: Random) -> None:
    """By the engine, on what `from_json` parses."""
    schema, definitions, rows = rows_of(a_table(random), random)
    raw = text_of(rows, random)

    assert not RowPattern(schema, definitions).matches(raw) or fits(schema, definitions, raw)


@given(randoms, st.sampled_from(DTYPES))
def test_tensors_that_match_fit(random: Random, dtype: str) -> None:
    """With values at the ends of every type."""
    row = list_schema(element_schema(Tensor(None, dtype, (-1, 2))), "a row", size=2)
    cells = [random.choice([*NUMBERS, *STRINGS, *OTHERS, "1", "-7"]) for _ in range(4)]
    raw = "[[{},{}],[{},{}]]".format(*cells).encode("utf-8", "surrogatepass")

    assert not RowPattern(row, {}).matches(raw) or fits(row, {}, raw)


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("boolean", [True, False]),
        ("integer", [0, -7, 999_999_999]),
        ("long", [10**18 - 1, 1 - 10**18]),
        ("double", [1, 2.5, None, 1e99, 5e-324]),
        ("string", ["", "ä", '"},{"', "\n"]),
        ("datetime", ["2026-11-30", "2026-11-30T12:00:00.123456789+01:00"]),
        ({"type": "any"}, [1, 2.5, "x", True, None]),
    ],
    ids=str,
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_rows_of_single_values_match(kind: Any, cells: list[Any], ascii_only: bool) -> None:
    """With signs beyond ASCII, or their escapes."""
    signature = Signature([column(kind, "a"), column("string", "b", required=False)])
    schema = request_schema(signature.inputs, None)
    assert schema
    split = split_schema(schema, ["b", "a"])
    assert split
    rows = [[name, each] for each in cells for name in ("ü", None)]
    pattern = RowPattern(split["properties"]["data"]["items"], schema["$defs"])

    assert pattern.matches(json.dumps(rows, ensure_ascii=ascii_only).encode())


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "array"},
        {"type": "array", "prefixItems": [{}], "minItems": 2},
        {"type": "array", "prefixItems": [{}, {}], "maxItems": 1},
        {"type": "array", "prefixItems": [{}], "uniqueItems": True},
        list_schema({"type": "array"}, "a row", size=1),
        {"type": "object", "properties": {"a": {}}, "required": ["a"]},
        list_schema({"type": "string", "pattern": "^a*$"}, "a row", size=1),
        list_schema({"type": "integer", "minimum": 1}, "a row", size=1),
        list_schema({"type": "integer", "maximum": -1}, "a row", size=1),
        list_schema({"type": ["integer", "number"], "minimum": 0}, "a row", size=1),
        list_schema({"type": "number", "maximum": 0}, "a row", size=1),
        list_schema({"anyOf": [{"type": "string"}]}, "a row", size=1),
        list_schema({}, "a row", size=MAX_CHARACTERS),
        list_schema({}, "a row", size=MAX_CHARACTERS + 1),
    ],
    ids=lambda schema: str(schema)[:60],
)
@pytest.mark.parametrize("text", [b'["a"]', b'[["a"]]', b"[[1]]", b"[[0]]", b"[[]]", b'[{"a":1}]'])
def test_nothing_matches_where_no_expression_says_the_same(schema: JsonSchema, text: bytes) -> None:
    """Types or the engine decide."""
    assert not RowPattern(schema, {}).matches(text)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[", b"[]", b"1", b'["a"]', b'[["a"],', b'[["a"]]]', b'[["a"],]', b'[["a" "b"]]',
        b'[["a"]]\n', b'[["\xff"]]', b'[["\xed\xa0\x80"]]', b'[["a\n"]]', b'[["\\x"]]',
        b'[["\\ud800"]]', b'[["\\ud83d\\ude00"]]', b'[["a", "b"]]', b"[[1]]",
    ],
)  # fmt: skip
def test_other_texts_do_not_match(text: bytes) -> None:
    """No list of rows, no JSON, no UTF-8; a sign by two codes is left to parsers."""
    assert RowPattern(ROW, {}).matches(b'[["a"],["b"]]')
    assert not RowPattern(ROW, {}).matches(text)


@given(st.text(alphabet="0123456789-T:.Z+ \n\u0662", max_size=36))
def test_dates_are_those_of_the_engine(text: str) -> None:
    """Within the quotes of JSON, too."""
    schema = {"type": "string", "pattern": DATE_PATTERN}
    row = list_schema(schema, "a row", size=1)
    for each in (text, f"2026-11-30{text}", f"2026-11-30T12:00{text}"):
        raw = json.dumps([[each]], ensure_ascii=False).encode()
        assert bool(fits(row, {}, raw)) == RowPattern(row, {}).matches(raw)

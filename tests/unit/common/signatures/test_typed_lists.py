"""Where a list's items are found to fit, the engine finds so too; and most that fit are found."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import from_json

from functions.common.signatures.engine import compile_schema
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
from tests.differential.bodies import value
from tests.differential.signatures import DTYPES, Signature, column, made_up

NUMBERS = (
    "0", "-0", "1.0", "1e2", "1e-1", "01", "1.", "NaN", "1e308", "1e309", "-1e999", "127", "128",
    "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9007199254740993",
    "9" * 400, "9" * 4_400,
)  # fmt: skip
STRINGS = (
    '"},{"', '"],["', '"}"', '"]"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00"', '"\\u0000"',
    '"\x01"', '"\\x"', '"ä"', '"2026-11-30"', '"2026-11-30\\n"', '"2026-11-30T24:00"',
    '"2026-11-30T12:00:00.5Z"', '"٢026-11-30"', '"2026-11-30T12:00:00.0123456789Z"',
)  # fmt: skip
OTHERS = ("null", "true", "[]", "{}", "[[1]]", '{"a": 1, "a": "x"}', "", "]", "}", "],[", "},{")
TEXTS = (*NUMBERS, *STRINGS, *OTHERS)
"""Values near a border, and what is none."""

randoms = st.integers(0, 2**40).map(Random)


def a_table(random: Random) -> Signature:
    """Return columns with names, which a table's rows have."""
    while True:
        (made,) = made_up(1, random)
        if all("name" in each and each["type"] != "tensor" for each in made.inputs or ()):
            return made


def rows_of(signature: Signature, random: Random) -> tuple[JsonSchema, JsonSchema, list[Any]]:
    """Return the schema of a table's rows, its definitions, and rows that fit it."""
    inputs = signature.inputs or []
    schema = request_schema(inputs, None)
    assert schema
    definitions: JsonSchema = schema["$defs"]
    rows: list[Any] = [
        [value(each, random) for each in inputs] for _ in range(random.randint(1, 6))
    ]
    names = [each["name"] for each in inputs]
    if random.random() < 0.5:
        records = [dict(zip(names, each, strict=True)) for each in rows]
        return definitions["InputRow"], definitions, records
    split = split_schema(schema, names)
    assert split
    return split["properties"]["data"]["items"], definitions, rows


def changed(text: str, random: Random) -> str:
    """Put something else in the place of a value or a delimiter, or beside it."""
    places = [place for place, sign in enumerate(text) if sign in ',:[]{}"']
    start = random.choice(places)
    end = random.choice([start, start + 1, next((each for each in places if each > start), start)])
    return text[:start] + random.choice(TEXTS) + text[end:]


def fits(schema: JsonSchema, definitions: JsonSchema, text: bytes) -> int | None:
    """Return the number of items of *text* by parsing it, if the engine finds that all fit."""
    try:
        items = from_json(text, allow_inf_nan=False)
    except ValueError:
        return None
    check = compile_schema({"type": "array", "items": schema, "$defs": definitions})
    return len(items) if check.is_valid(items) else None


@given(randoms, st.sampled_from([1, 30, PART_BYTES]))
def test_what_is_counted_fits(random: Random, part_bytes: int) -> None:
    """By the engine, on what `from_json` parses; wherever the text is cut."""
    schema, definitions, rows = rows_of(a_table(random), random)
    text = json.dumps(rows, ensure_ascii=random.random() < 0.5, separators=(",", ":"))
    for _ in range(random.choice([0, 1, 1, 2])):
        text = changed(text, random)
    raw = text.encode("utf-8", "surrogatepass")

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

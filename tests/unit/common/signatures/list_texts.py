"""Texts of lists, some near a border of what fits, and the engine's verdict on them."""

import json
from random import Random
from typing import Any

from hypothesis import strategies as st
from jiter import from_json

from functions.common.signatures.engine import compile_schema
from functions.common.signatures.request_schema import request_schema
from functions.common.signatures.tables import split_schema
from functions.common.signatures.values import JsonSchema
from tests.differential.bodies import value
from tests.differential.signatures import Signature, made_up

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


def text_of(rows: list[Any], random: Random) -> bytes:
    """Return *rows* as JSON in one of its forms, of which some are no longer JSON, or fit."""
    separators = random.choice([(",", ":"), (", ", ": "), (" ,\t", "\n:")])
    text = json.dumps(rows, ensure_ascii=random.random() < 0.5, separators=separators)
    for _ in range(random.choice([0, 1, 1, 2])):
        text = changed(text, random)
    return text.encode("utf-8", "surrogatepass")


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

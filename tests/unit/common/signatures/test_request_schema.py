"""Request schemas made from signatures."""

import json
import re
from base64 import encodebytes
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from functions.common.signatures.check import CompiledSchema
from functions.common.signatures.request_schema import request_schema
from tests.differential.signatures import (
    Signature,
    an_object,
    array,
    by_hand,
    column,
    param,
    tensor,
)

WHOLE = [
    column("long", "age"),
    column("double", "income"),
    column("string", "city", required=False),
]


def schema_of(signature: Signature) -> dict[str, Any]:
    schema = request_schema(signature.inputs, signature.params)
    assert schema
    return schema


def takes(schema: dict[str, Any], body: Any) -> bool:
    return Draft202012Validator(schema).is_valid(body)


def test_every_signature_makes_a_valid_schema() -> None:
    """Valid in OpenAPI's dialect, with names that OpenAPI allows for components."""
    for signature in by_hand():
        schema = schema_of(signature)

        meta.validate(schema)
        assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schema["$defs"])


def test_every_reference_resolves() -> None:
    """No definition is unused."""
    for signature in by_hand():
        schema = schema_of(signature)

        used = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema)))

        assert used <= set(schema["$defs"])
        assert {"InputRow", "InputRecord"} | used >= set(schema["$defs"])


def test_no_signature_makes_no_schema() -> None:
    """There is nothing to check."""
    assert request_schema(None, None) is None


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("boolean", True, "yes"),
        ("integer", 7, 2**31),
        ("integer", -(2**31), 0.5),
        ("long", 2**40, "7"),
        ("float", 0.5, "0.5"),
        ("double", 7, "7"),
        ("double", None, True),
        ("long", 7.0, 2.5),
        ("boolean", False, 0),
        ("string", "x", None),
        ("string", "x", 7),
        ("binary", "aGk=", "aGk"),
        ("binary", encodebytes(b"x" * 100).decode(), 7),
        ("datetime", "2026-11-22T12:00:00", 7),
        ("datetime", "2026-11-22", "2026-13-22"),
        ("datetime", "2026-11-22 12:00:00.123456Z", "22/11/2026"),
        ("datetime", "2026-11-22T12:00+01:00", None),
        (array("double"), [0.5, 7], ["x"]),
        (an_object(k="string"), {"k": "x"}, {"k": "x", "l": 1}),
        ({"type": "map", "values": {"type": "long"}}, {"any": 7}, {"any": "x"}),
        ({"type": "sparkml_vector"}, [0.5], "x"),
    ],
)
def test_lossless_conversions_are_accepted(kind: Any, good: Any, bad: Any) -> None:
    """In every form with rows."""
    schema = schema_of(Signature([column(kind), column("string", "b")]))

    assert takes(schema, {"inputs": [{"a": good, "b": "x"}]})
    assert takes(schema, {"dataframe_records": [{"a": good, "b": "x"}]})
    assert not takes(schema, {"inputs": [{"a": bad, "b": "x"}]})
    assert not takes(schema, {"dataframe_records": [{"a": bad, "b": "x"}]})


def test_optional_columns_may_be_null_or_missing() -> None:
    """Required ones must be in every row."""
    schema = schema_of(Signature(WHOLE))

    assert takes(schema, {"inputs": [{"age": 7, "income": 0.5}]})
    assert takes(schema, {"inputs": [{"age": 7, "income": None, "city": None}]})
    assert not takes(schema, {"inputs": [{"age": 7, "income": 0.5}, {"age": 7}]})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": [[1.5]], "instances": [[1.5]]},
        {"inputs": [[1.5]], "extra": 1},
        {"inputs": [[1.5]], "params": {}, "options": {}},
    ],
)
def test_a_body_has_one_input_and_one_set_of_params(body: dict[str, Any]) -> None:
    """The rule of the whole API."""
    schema = schema_of(Signature([tensor("float64", -1, 1)]))

    assert takes(schema, {"inputs": [[1.5]], "options": {}})
    assert not takes(schema, body)


def test_a_model_typed_by_hints_parses_its_input_itself() -> None:
    """Its params are still checked."""
    inputs, params = [column("string", None)], [param("long", 1)]
    schema = request_schema(inputs, params, from_type_hint=True)

    assert schema
    assert takes(schema, {"inputs": {"whatever": 1}, "params": {"p": 2}})
    assert not takes(schema, {"inputs": {"whatever": 1}, "params": {"p": "x"}})


def test_a_default_is_documented() -> None:
    """With the type of its param."""
    schema = schema_of(Signature(WHOLE, [param("long", 3, "top")]))

    top = schema["$defs"]["InputParams"]["properties"]["top"]

    assert (3, ["integer", "null"]) == (top["default"], top["type"])


def test_columns_of_one_type_share_their_definition() -> None:
    """So that a thousand columns cost a name and a reference each."""
    few, many = (
        schema_of(Signature([column("double", f"column_{at:04}") for at in range(count)]))
        for count in (2, 1_000)
    )

    assert set(few["$defs"]) == set(many["$defs"])
    assert len(json.dumps(many)) < 300 * 1_000


def test_a_chat_model_without_required_fields_takes_the_formats() -> None:
    """Its own body requires nothing, and is no format's body for that."""
    schema = request_schema([{"type": "string", "name": "prompt", "required": False}], None)
    assert schema

    for body in ({"inputs": [{"prompt": "x"}]}, {"prompt": "x"}):
        assert [] == CompiledSchema(schema).body_faults(body)

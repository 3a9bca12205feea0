"""Large bodies and answers, whose text is kept, are treated as if they were parsed.

The straightforward way is the model: `from_json`, the engine on the whole value, `encode`. White
space makes texts large here.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import from_json
from msgspec.json import encode

from functions.common.api.body import json_object, parsed_body, prediction_answer
from functions.common.errors import (
    InvalidInputError,
    ServiceError,
)
from functions.common.json_text import LARGE_BYTES, JsonText, PartlyParsed, parsed
from functions.common.providers.huggingface.envelopes import envelope_of, predictions_in
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import InputValidator, check_fields
from functions.common.signatures.number_arrays import NumberArray, number_array
from functions.common.signatures.request_schema import request_schema
from tests.builders import a_live_deployment
from tests.differential.bodies import FORMS, change, good_body
from tests.differential.signatures import Signature, by_hand, column, made_up, tensor

WIDE = "," + (LARGE_BYTES // 2) * " "
ODD = (
    "NaN", "-Infinity", "1e999", "-1E+400", "1e-400", "9" * 400, "9" * 4_400, "1" * 300 + ".5",
    "-0", "1.", "01", '"\\ud800"', '"\\ud83d\\ude00"', '"\x01"', '"\\x"', "nul", "[", "]", ",", "{",
    "}", "[" * 300 + "]" * 300, '{"a": 1, "a": 2}', "[[],[]]", "\t\r\n", "true", "null",
    '"[1]"', "\x00",
)  # fmt: skip
"""Texts that parsers may differ on, within JSON or instead of it."""
TENSORS = [
    Signature([tensor("float64", -1, 3)]),
    Signature([tensor("float32", -1, 1)]),
    Signature([tensor("float64", 2, -1)]),
    Signature([tensor("float64", -1, 2, 2)]),
    *(Signature([tensor(dtype, -1, 3)]) for dtype in ("int64", "int32", "int8", "uint8")),
    Signature([tensor("float64", -1, 3, name="x")]),
    Signature([tensor("float64", -1, 3, name="x"), tensor("float64", -1, name="y")]),
    Signature([column("double", "a"), column("double", "b", required=False)]),
    Signature([column("double", "a"), column("long", "b")]),
    Signature([column("double", None), column("double", None)]),
]
randoms = st.integers(0, 2**40).map(Random)
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.sampled_from([127, 128, -128, -129, 255, 256, -1, 2**31 - 1, -(2**31), 2**63, 2.0, None]),
)


def large(value: Any, random: Random) -> bytes:
    """Return *value* as a text that is large, or whose lists of three are."""
    if random.random() < 0.5:
        return json.dumps(value, ensure_ascii=False, separators=(WIDE, ": ")).encode()
    text = json.dumps(value, ensure_ascii=False, indent=random.choice([None, 1])).encode()
    return text + LARGE_BYTES * b" "


def with_odd_text(raw: bytes, random: Random) -> bytes:
    """Put an odd text into *raw*, or a random byte, or take one out, at a random place."""
    place = random.randrange(len(raw))
    if random.random() < 0.5:
        # Next to what is no white space, where it matters.
        place = random.choice([at for at, byte in enumerate(raw) if byte not in b" "])
    odd = random.choice([*(each.encode() for each in ODD), bytes([random.randrange(256)]), b""])
    return raw[:place] + odd + raw[place + random.choice([0, 1]) :]


def verdict(signature: Signature, raw: bytes, parse: Callable[[bytes], RequestBody]) -> Any:
    """Return what a caller is told of a body that is checked as it is for predict."""
    deployment = a_live_deployment(request_schema=request_schema(signature.inputs, None))
    try:
        body = parse(raw)
        check_fields(body)
        InputValidator().check(deployment, body)
    except InvalidInputError as error:
        return error.faults
    except ServiceError as error:
        return type(error), error.detail
    return None


def straightforward(raw: bytes) -> RequestBody:
    """Parse everything."""
    return RequestBody(raw, json_object(raw))


def agrees(signature: Signature, raw: bytes) -> bool:
    """Return whether both ways lead to the same verdict."""
    return verdict(signature, raw, straightforward) == verdict(signature, raw, parsed_body)


def a_body(random: Random, form: str) -> tuple[Signature, dict[str, Any]]:
    signature = random.choice(
        [Signature(None), *TENSORS, *TENSORS, *by_hand(), *made_up(1, random)]
    )
    body = good_body(signature, form, random)
    for _ in range(random.choice([0, 0, 1, 2])):
        change(body, random)
    body = {form: body.get(form)}
    if form == "dataframe_split" and isinstance(body[form], dict):
        body[form] = {**random.choice([{}, {"index": [0, "]"]}]), **body[form]}
    return signature, body | random.choice([{}, {}, {"params": {"p": [1]}}, {"unknown": 1}])


@given(randoms, st.sampled_from(FORMS))
def test_any_body_gets_the_verdict_of_the_straightforward_way(random: Random, form: str) -> None:
    """With the same pointers and messages."""
    signature, body = a_body(random, form)
    assert agrees(signature, large(body, random))


@given(randoms, st.sampled_from(FORMS))
def test_odd_texts_get_the_same_verdict(random: Random, form: str) -> None:
    """And the same words on why they are no JSON."""
    signature, body = a_body(random, form)
    assert agrees(signature, with_odd_text(large(body, random), random))


@given(
    st.recursive(numbers, lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=40),
    st.sampled_from(TENSORS),
    st.sampled_from(["inputs", "instances", "dataframe_split", "named", "params"]),
    randoms,
)
def test_arrays_of_numbers_get_the_same_verdict(
    value: Any, signature: Signature, place: str, random: Random
) -> None:
    """Of any shape, at any place in the body where a signature may have one."""
    body: dict[str, Any] = {"inputs": value}
    match place:
        case "instances":
            body = {"instances": value}
        case "dataframe_split":
            body = {"dataframe_split": {"columns": ["a", "b"], "data": value}}
        case "named":
            body = {"inputs": {"x": value, "y": [1, 2, 3], "a": value, "b": value}}
        case "params":
            body |= {"params": {"p": 1}}
    assert agrees(signature, large(body, random))


def regular(shape: tuple[int, ...], random: Random) -> Any:
    if not shape:
        return random.choice([1, -2.5, 1e-7, 12345678901234567890, None])
    return [regular(shape[1:], random) for _ in range(shape[0])]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple), randoms)
def test_the_shape_of_a_regular_array_is_found(shape: tuple[int, ...], random: Random) -> None:
    """With null in it or without."""
    value = regular(shape, random)
    text = json.dumps(value, indent=2).encode() + LARGE_BYTES * b" "

    found = number_array(text)

    assert found
    assert (shape, b"null" in text, value) == (found.shape, found.has_null, parsed(found))


@pytest.mark.parametrize(
    "value",
    [[], [[]], [[], []], [1, [2]], [[1], 2], [[1, 2], [3]], [[1], []], [True], ["1"], [{}], {}, 1],
)
def test_anything_else_is_no_array_of_numbers(value: Any) -> None:
    """Lists of different lengths, empty ones, and other values."""
    assert number_array(json.dumps(value).encode() + LARGE_BYTES * b" ") is None


def test_a_large_array_is_not_parsed() -> None:
    """Neither alone nor beside other fields; the caller's bytes are kept."""
    rows = [[0.5, 1.5, None]] * 2_000
    raw = json.dumps({"inputs": {"x": rows}, "params": {"p": [1]}}).encode()

    body = parsed_body(raw)

    assert raw == body.raw
    assert isinstance(body.parsed, PartlyParsed)
    assert {"p": [1]} == body.parsed["params"]
    (array,) = body.parsed["inputs"].values()
    assert isinstance(array, NumberArray)
    assert ((2_000, 3), True) == (array.shape, array.has_null)


values = st.recursive(
    st.one_of(numbers, st.text(), st.booleans()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def an_envelope(predictions: Any) -> bytes:
    """Return a large envelope."""
    fields = {"deployment_id": "d", "nonce": "0e123", "predictions": predictions}
    return json.dumps(fields, ensure_ascii=len(str(predictions)) % 2 == 0, indent=1).encode()


def the_answer(predictions: Any) -> bytes:
    """Return an answer, without what differs between two."""
    deployment = a_live_deployment()
    answer = prediction_answer(deployment, predictions, latency_ms=1, request_id="r")
    return answer.rpartition(b'"timestamp"')[0]


@given(values)
def test_any_prediction_reaches_the_caller(predictions: Any) -> None:
    """As the bytes that came, and with the same value."""
    content = an_envelope(predictions).replace(b"\n", LARGE_BYTES * b" " + b"\n", 1)

    envelope = envelope_of(content)

    assert envelope
    answer = the_answer(predictions_in(envelope).content)
    expected = the_answer(from_json(content)["predictions"])
    assert from_json(expected + b'"":0}') == from_json(answer + b'"":0}')
    assert predictions == predictions_in(envelope).values


@given(values, randoms)
def test_odd_answers_are_refused_or_made_sound(predictions: Any, random: Random) -> None:
    """Exactly as if they were parsed and written anew: infinity becomes null."""
    content = with_odd_text(an_envelope(predictions), random)
    content = content.replace(b"\n", LARGE_BYTES * b" " + b"\n", 1)
    try:
        value = from_json(content, allow_inf_nan=False)
        as_parsed = value["predictions"] if isinstance(value["deployment_id"], str) else None
    except (ValueError, LookupError, TypeError):
        return

    envelope = envelope_of(content)

    if envelope is not None and "predictions" in envelope:
        answer = the_answer(predictions_in(envelope).content) + b'"":0}'
        assert encode(as_parsed) == encode(from_json(answer)["predictions"])


@given(values, randoms)
def test_what_is_no_json_is_no_envelope(predictions: Any, random: Random) -> None:
    """Whatever is wrong with it, wherever."""
    content = with_odd_text(an_envelope(predictions), random)
    content = content.replace(b"\n", LARGE_BYTES * b" " + b"\n", 1)
    try:
        from_json(content, allow_inf_nan=False)
    except ValueError:
        assert envelope_of(content) is None


def test_large_predictions_are_not_parsed() -> None:
    """They travel as they came."""
    envelope = envelope_of(an_envelope([0.25] * 4_000))

    assert envelope
    predictions = predictions_in(envelope).content
    assert isinstance(predictions, JsonText)
    assert predictions.text in the_answer(predictions)

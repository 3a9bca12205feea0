"""Models of an odd form on the page and in their document: whatever is on record is shown."""

import json
from typing import Any

import pytest

from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.request_schema import request_schema
from functions.describe.openapi.model_document import model_document
from tests.builders import a_live_deployment
from tests.unit.describe.test_page_scripts import node

MOST_CHARACTERS = 20_000
BODY = """
import { emptyBody, typeText, hasFreeRows } from "./signature.js";
import { toJson } from "./json.js";
const text = toJson(emptyBody(values));
console.log(JSON.stringify({ text, types: values.map(typeText), free: hasFreeRows(values) }));
"""


def tensor(*shape: int, **more: Any) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": list(shape)}, **more}


def array(levels: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "double"}
    for _ in range(levels):
        spec = {"type": "array", "items": spec}
    return {**spec, "name": "a"}


ODD = {
    "2e9 elements": [tensor(-1, 2_000_000_000)],
    "one dimension of 2e9": [tensor(2_000_000_000)],
    "300 dimensions": [tensor(*[1] * 300)],
    "300 dimensions of 2": [tensor(*[2] * 300)],
    "60 levels of lists": [array(60)],
    "5,000 columns": [{"type": "double", "name": f"c{number}"} for number in range(5_000)],
}


@pytest.mark.parametrize("inputs", ODD.values(), ids=ODD)
def test_the_page_shows_a_body_and_the_types(inputs: list[dict[str, Any]]) -> None:
    """It used to fill the browser's memory."""
    shown = node(BODY, inputs)

    assert len(inputs) == len(shown["types"])
    assert len(shown["text"]) < MOST_CHARACTERS * max(1, len(inputs) // 100)
    json.loads(shown["text"])


def test_an_example_250_levels_deep_is_shown() -> None:
    example = {"inputs": json.loads("[" * 250 + "1" + "]" * 250)}

    text = node(
        'import { toJson } from "./json.js"; console.log(JSON.stringify(toJson(values)));', example
    )

    assert example == json.loads(text)


@pytest.mark.parametrize("inputs", ODD.values(), ids=ODD)
def test_the_models_document_can_be_made(inputs: list[dict[str, Any]]) -> None:
    """With an example of 250 levels."""
    deployment = a_live_deployment(
        request_schema=request_schema(inputs, None),
        answer_schema=answer_schema(inputs),
        input_example={"inputs": json.loads("[" * 250 + "]" * 250)},
    )

    document = model_document(deployment, "https://api.test/api/v1")

    assert "PredictRequest" in json.dumps(document)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([0, 1], {"columns": [0, 1], "data": [[0, 0]]}),
        (["a", 1.5], {"columns": ["a", 1.5], "data": [[0, 0]]}),
    ],
)
def test_columns_named_by_numbers_are_shown_as_a_split_table(names: Any, expected: Any) -> None:
    shown = node(BODY, [{"type": "double", "name": name} for name in names])

    assert {"dataframe_split": expected} == json.loads(shown["text"])

"""Requests to a model's Hub source and its answers, as facts/huggingface.md describes them."""

import json
from typing import Any

import pytest

from functions.common.errors import ModelRejectedInputError, ProviderError
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.payloads import (
    from_hub_source,
    rejection_by_hub_source,
    to_hub_source,
)


def as_json(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"inputs": "Größe"}, {"inputs": "Größe"}),
        ({"instances": ["a", "b"]}, {"inputs": ["a", "b"]}),
        ({"inputs": "a", "params": {"top_k": 3}}, {"inputs": "a", "parameters": {"top_k": 3}}),
        ({"inputs": "a", "parameters": {}}, {"inputs": "a", "parameters": {}}),
        ({"inputs": 0, "options": {"x": 0.1}}, {"inputs": 0, "parameters": {"x": 0.1}}),
        ({"inputs": None, "params": None}, {"inputs": None}),
    ],
)
def test_a_hub_source_gets_inputs_and_parameters_only(
    body: dict[str, Any], expected: object
) -> None:
    """Under its own names."""
    assert expected == json.loads(to_hub_source(body))


@pytest.mark.parametrize("name", ["dataframe_split", "dataframe_records"])
def test_a_hub_source_takes_no_tables(name: str) -> None:
    """Only MLflow has tables; the message says what to send."""
    with pytest.raises(ModelRejectedInputError, match="Send `inputs`"):
        to_hub_source({name: []})


@pytest.mark.parametrize("answer", [[{"label": "A", "score": 0.5}], {"answer": "a"}, "a", 0, None])
def test_whatever_a_hub_source_answers_is_the_prediction(answer: object) -> None:
    """It does not report a deployment or a package."""
    assert Predictions(answer, None) == from_hub_source(as_json(answer))


@pytest.mark.parametrize("content", [b"", b"[1", b"[NaN]", b"<html>"])
def test_an_answer_that_is_not_json_is_an_error(content: bytes) -> None:
    """NaN is not JSON either."""
    with pytest.raises(ProviderError):
        from_hub_source(content)


FAULT = {"type": "missing", "loc": ["body", "inputs"], "msg": "Field required", "input": "SECRET"}


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"error": "text too long"}, "text too long"),
        (400, {"detail": "text too long"}, "text too long"),
        (
            422,
            {"detail": [FAULT, "?"], "body": "SECRET"},
            "body.inputs: Field required; a field is not valid",
        ),
        (400, {"error": 9_000 * "x"}, 500 * "x"),
        (400, {"error": ""}, "It did not say why."),
    ],
)
def test_an_input_that_a_hub_source_rejects_is_model_rejected_input(
    status: int, body: object, words: str
) -> None:
    """With its message, shortened and without the caller's data."""
    rejection = rejection_by_hub_source(status, as_json(body))

    assert rejection is not None
    assert words == rejection.detail


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, as_json({"detail": "boom"})),
        (404, as_json({"error": "Not Found"})),
        (400, as_json({"error": "Bad Request: Invalid state", "code": "BAD_REQUEST"})),
        (400, b"<html>"),
        (422, as_json({"other": 1})),
        (422, as_json([])),
    ],
)
def test_other_failures_do_not_blame_the_input(status: int, content: bytes) -> None:
    """The proxy's errors have a code, the container's another status."""
    assert rejection_by_hub_source(status, content) is None

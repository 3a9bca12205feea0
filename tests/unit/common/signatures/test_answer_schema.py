"""Checks of answers: an output fits the signature that MLflow infers from it."""

import json
import warnings
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.models import infer_signature

from functions.common.providers.huggingface.runtime.predicting import as_json
from functions.common.signatures import check
from functions.common.signatures.answer_schema import answer_schema
from tests.unit.common.signatures.outputs import NAN, OUTPUTS, ROWS
from tests.unit.provision.flavors import (
    FLAVORS,
    HINTED,
    Flavor,
    quietly,
    without_mlflow_advice,
)


def mismatch(answer: Any, outputs: list[dict[str, Any]] | None) -> str | None:
    return check.mismatch(answer, answer_schema(outputs))


def outputs_of(signature: Any) -> list[dict[str, Any]]:
    """Return the outputs of a signature as our registry reads them, through JSON."""
    schema = signature.outputs.to_dict()
    assert isinstance(schema, list)
    return schema


def inferred(output: Any) -> list[dict[str, Any]]:
    """Return the signature that mlflow infers from *output*, without its warning on integers."""
    with warnings.catch_warnings(action="ignore"):
        return outputs_of(infer_signature(None, output))


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_every_kind_of_output_fits_its_inferred_signature(output: Any) -> None:
    """A working model is never refused."""
    assert mismatch(json.loads(as_json(output)), inferred(output)) is None


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_without_a_schema_every_output_is_accepted(output: Any) -> None:
    """Any JSON value."""
    assert mismatch(json.loads(as_json(output)), None) is None


@pytest.mark.parametrize("flavor", [*FLAVORS, *HINTED], ids=lambda flavor: flavor.name)
def test_every_flavor_fits_its_own_signature(flavor: Flavor, tmp_path: Path) -> None:
    """Saved, loaded and called by mlflow itself."""
    rows = quietly(flavor.save, tmp_path / "model")
    with without_mlflow_advice():
        model = mlflow.pyfunc.load_model(str(tmp_path / "model"))
        predictions = model.predict(rows)

    assert mismatch(json.loads(as_json(predictions)), outputs_of(model.metadata.signature)) is None


def column(type_: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "name": "price", "required": True, **more}


def tensor(dtype: str, *shape: int, **more: Any) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}, **more}


PRICE = column("double")
TWO = [column("string", name="label"), column("double", name="score")]
NAMELESS = {"type": "double", "required": True}
LISTS = {"type": "array", "items": {"type": "double"}, "required": True}
OBJECT = column(
    "object",
    properties={
        "x": {"type": "long", "required": True},
        "y": {"type": "string", "required": False},
    },
)


@pytest.mark.parametrize(
    ("answer", "schema"),
    [
        ([1.5, 2], [PRICE]),
        ([[1.5], [2.0]], [PRICE]),
        ([{"0": 1.5}], [PRICE]),
        ([{"price": 1.5, "note": "more"}], [PRICE]),
        ([{"price": 1.5}], [NAMELESS]),
        ([2.0], [column("long")]),
        ({"label": ["a", "b"], "score": [0.1, 0.2]}, TWO),
        ([["a", 0.1], ["b", 0.2]], TWO),
        ([{"0": "a", "1": 0.1}], TWO),
        ([{"price": None, "b": 1}], [column("double", required=False), column("any", name="b")]),
        ([{"price": 1.5}], [PRICE, column("string", name="note", required=False)]),
        ([{"price": 1.5}], [PRICE, {"type": "string", "name": "note", "optional": True}]),
        ([{"a": 1.5, "b": "x"}], [NAMELESS, {"type": "string"}]),
        ([{"a": 1.0, "b": 2}], [{"type": "map", "values": {"type": "double"}}]),
        ([{"price": {"x": 1}}, {"price": {"x": 2, "y": None}}], [OBJECT]),
        ([{"price": [1.0]}], [{"type": "sparkml_vector", "name": "price"}]),
        ([{"price": "?"}], [column("of a later mlflow")]),
        ([1, 2.5], [tensor("float64", -1)]),
        ([1.0], [tensor("int64", -1)]),
        ([{"price": 1.5}], [tensor("float64", -1)]),
        ([{"a": 1.5, "b": 2.5}], [tensor("float64", -1, 2)]),
        ([1.5], [tensor("float64", -1, name="out")]),
        ([[1, 2], "x"], [tensor("object", -1)]),
        ([1], [tensor("timedelta64[ns]", -1)]),
        ([1.5, None], [PRICE]),
        ([1.5, None], [NAMELESS]),
        ([{"price": 1.5}, {"price": None}], [PRICE]),
        ([[1.5, None]], [LISTS]),
        ([[1.0, None]], [tensor("float64", -1, 2)]),
        ({"b": [None, 1]}, [tensor("float64", -1, name="b")]),
        (["a"], None),
        (0, None),
        (False, []),
    ],
)
def test_deviations_that_mlflow_allows_are_accepted(answer: Any, schema: Any) -> None:
    """Between a model's output and its signature."""
    assert mismatch(answer, schema) is None


NULL = "The answer holds nothing but null (NaN, infinity or missing)."
UNLIKE = "The answer should be what the signature's outputs declare."
EMPTY = "The answer holds no predictions."
IN_PRICE = "At /0/price, the answer"


@pytest.mark.parametrize(
    ("answer", "schema", "sentence"),
    [
        (None, None, NULL),
        ([None, [None]], None, NULL),
        ([], [PRICE], EMPTY),
        ({}, None, EMPTY),
        ([1, None], [column("long")], "At /1, the answer should be a whole number."),
        ([{"price": "2"}], [PRICE], f"{IN_PRICE} should be a number."),
        ([{"cost": 1.0}], [PRICE], 'At /0, the answer should have "price".'),
        ([{"label": "a"}], TWO, 'At /0, the answer should have "score".'),
        (["a"], TWO, "At /0, the answer should be a row by its columns' names."),
        ([["a"]], TWO, "At /0, the answer should be a list of 2 values."),
        ("a", [PRICE], UNLIKE),
        ([[1.0, 2.0]], [PRICE], "At /0, the answer should be a list of 1 values."),
        (
            ["soon"],
            [column("datetime")],
            "At /0, the answer should be a date and time in ISO 8601.",
        ),
        ([1.5], [LISTS], "At /0, the answer should be a list of numbers."),
        ([[1.5], ["a"]], [LISTS], "At /1/0, the answer should be a number."),
        ([{"price": {}}, {}], [OBJECT], f'{IN_PRICE} should have "x".'),
        ([{"price": {"x": 1, "y": 2}}], [OBJECT], "At /0/price/y, the answer should be a string."),
        ([{"price": 1}], [OBJECT], f"{IN_PRICE} should be an object."),
        (
            [{"price": {"a": 1, "b": None}}],
            [column("map", values={"type": "long"})],
            "At /0/price/b, the answer should be a whole number.",
        ),
        ([[1.0], [2.0]], [tensor("float64", -1)], "At /0, the answer should be a number."),
        ([1, 2], [tensor("float64", -1, 2)], "At /0, the answer should be a list of shape (2)."),
        ([[1]], [tensor("float64", -1, 2)], "At /0, the answer should be a list of shape (2)."),
        (
            [None, [1.0]],
            [tensor("float64", -1, 1)],
            "At /0, the answer should be a list of shape (1).",
        ),
        (1, [tensor("float64", -1)], UNLIKE),
        ({"b": 1}, [tensor("float64", -1)], UNLIKE),
        ({"a": [1]}, [tensor("float64", -1, name="b")], 'The answer should have "b".'),
        (
            {"b": ["x"]},
            [tensor("float64", -1, name="b")],
            "At /b/0, the answer should be a number.",
        ),
        (
            [1.0],
            [tensor("float64", -1, name="a"), tensor("float64", -1, name="b")],
            "The answer should be tensors by their names.",
        ),
    ],
)
def test_an_output_that_does_not_fit_is_located(answer: Any, schema: Any, sentence: str) -> None:
    """The message quotes no value of the output."""
    assert sentence == mismatch(answer, schema)


@pytest.mark.parametrize(
    ("value", "type_", "dtype"),
    [
        (True, "double", "float32"),
        (1.5, "long", "uint8"),
        ("1", "integer", "int32"),
        (1, "boolean", "bool"),
        (1, "string", "str"),
        (1, "binary", "bytes"),
        (0.5, "datetime", "datetime64[ns]"),
    ],
)
def test_a_value_of_another_type_is_refused(value: Any, type_: str, dtype: str) -> None:
    """In a column and in a tensor, since callers would have to check every value."""
    assert mismatch([value], [column(type_)]) is not None
    assert mismatch([value], [tensor(dtype, -1)]) is not None


@pytest.mark.parametrize(
    "broken",
    [
        {"table": ROWS.drop(columns="score")},
        {"table": ROWS.assign(score=["high", "low"])},
        {"table": ROWS.rename(columns={"score": "Score"})},
        {"table": ROWS["score"]},
        {"vector of floats": np.array([NAN, float("inf")])},
        {"vector of floats": np.array([[1.0], [2.0]])},
        {"vector of floats": np.array(["1.0"])},
        {"vector of floats": 1.0},
        {"matrix": np.ones((2, 4))},
        {"matrix": np.ones(3)},
        {"classes as text": np.array([0, 1])},
        {"vector of integers": np.array([0.5])},
        {"named tensors": {"logits": np.ones((2, 3))}},
        {"named tensors": {"logits": np.ones((2, 3)), "ids": np.array([1.5])}},
        {"list of text": [1, 2]},
        {"list of lists": ["a", "b"]},
        {"records": [{"text": "a"}]},
        {"one record": {"label": "a"}},
        {"number": "1.5"},
        {"number": [[1.5, 2.0]]},
        {"text": None},
        {"named series": pd.Series([NAN, NAN], name="price")},
        {"table with times": pd.DataFrame({"at": ["tomorrow"]})},
        {"day": "yesterday"},
    ],
    ids=str,
)
def test_a_faulty_output_does_not_fit(broken: dict[str, Any]) -> None:
    """Each is a way in which a new version can go wrong."""
    ((name, output),) = broken.items()

    assert mismatch(json.loads(as_json(output)), inferred(OUTPUTS[name])) is not None

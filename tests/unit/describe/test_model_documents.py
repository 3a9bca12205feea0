"""OpenAPI documents of single models: valid, and true of what the models take and answer."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from functions.common.api.body import prediction_answer
from functions.common.deployments.history import DeploymentPage
from functions.describe.circuits import Circuits
from functions.describe.costs import Costs
from functions.describe.model_info import model_info
from functions.describe.openapi.model_document import model_document
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.unit.describe.describing import API_URL, Describing
from tests.unit.describe.signatures import COLUMNS, EVERY, TENSOR, Signed
from tests.unit.describe.test_costs import NOW, a_ledger

type Json = dict[str, Any]

each_signature = pytest.mark.parametrize("signed", EVERY, ids=lambda signed: signed.name)


def described(signed: Signed) -> Json:
    return model_document(signed.deployment, API_URL)


def faults(document: Json, schema: str, value: Any) -> list[str]:
    """Return the faults of *value* by the document's *schema*."""
    whole = document | {"$ref": f"#/components/schemas/{schema}"}
    return [each.message for each in Draft202012Validator(whole).iter_errors(value)]


def answer_of(signed: Signed, predictions: Any) -> Json:
    made = prediction_answer(signed.deployment, predictions, latency_ms=1.0, request_id="a-request")
    answer: dict[str, Any] = json.loads(made)
    return answer


@each_signature
def test_document_is_openapi(signed: Signed) -> None:
    """It is valid by the schema of OpenAPI 3.1, and every reference has a target."""
    validate(described(signed))


@each_signature
def test_a_models_example_fits_its_document(signed: Signed) -> None:
    """The document holds the example, for people to try."""
    document = described(signed)
    (path,) = (path for path in document["paths"] if path.endswith("/predict"))
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]

    assert [] == faults(document, "PredictRequest", signed.body)
    assert {"input_example": {"value": signed.body}} == content["examples"]


@each_signature
def test_a_models_predictions_fit_its_document(signed: Signed) -> None:
    """So do the other forms that a healthy model may choose."""
    document = described(signed)

    for predictions in (signed.predictions, *signed.also_predicts):
        assert [] == faults(document, "Prediction", answer_of(signed, predictions))


@each_signature
def test_a_models_description_fits_its_document(signed: Signed) -> None:
    """The document describes `GET /models/{model_id}` as well."""
    page = DeploymentPage(deployments=(signed.deployment,), next_after="a position")
    costs = Costs(a_ledger(), now=lambda: NOW)
    for cost in (None, costs.get("iris")):
        answer = model_info(signed.deployment, page, Circuits(FakeCircuitStateStore()), cost)

        assert [] == faults(described(signed), "Model", answer)


@pytest.mark.parametrize(
    ("signed", "predictions"),
    [
        (COLUMNS, [{"price": "dear"}]),
        (COLUMNS, [{"verdict": "good"}]),
        (COLUMNS, "good"),
        (TENSOR, [["a"]]),
        (TENSOR, ["a"]),
        (TENSOR, {"class": 1}),
    ],
)
def test_other_predictions_do_not_fit_the_document(signed: Signed, predictions: Any) -> None:
    """A document that allowed everything would say nothing."""
    assert faults(described(signed), "Prediction", answer_of(signed, predictions))


@pytest.mark.parametrize(
    ("signed", "body"),
    [
        (COLUMNS, {"dataframe_records": [{"alcohol": "much"}]}),
        (COLUMNS, {"inputs": []} | COLUMNS.body),
        (TENSOR, {"inputs": [[1, 2, 3]]}),
        (TENSOR, {"inputs": [["1", "2", "3", "4"]]}),
        (TENSOR, {"input": [[1, 2, 3, 4]]}),
    ],
)
def test_input_that_is_refused_does_not_fit_the_document(signed: Signed, body: Any) -> None:
    """Conversions that would lose something are refused, too."""
    assert faults(described(signed), "PredictRequest", body)


def test_columns_are_typed_by_name() -> None:
    """A row's schema has every column, and requires those that are not optional."""
    row = described(COLUMNS)["components"]["schemas"]["InputRow"]

    assert {spec["name"] for spec in COLUMNS.inputs or []} == set(row["properties"])
    assert {"alcohol", "class", "maker's name", "bottled"} == set(row["required"])


def test_columns_may_have_any_name() -> None:
    """Keywords of JSON Schema are names like any other."""
    (signed,) = (each for each in EVERY if each.name == "keywords")
    row = described(signed)["components"]["schemas"]["InputRow"]

    assert {"not", "if", "properties", "$ref", "items"} == set(row["properties"])


def test_document_names_version_and_address() -> None:
    """The model's name is percent-encoded in the path, braces too: they would make a parameter."""
    document = described(COLUMNS)
    path = "/models/mod%C3%A8le%20%C3%A0%20colonnes%20%7B1%7D"

    assert [{"url": API_URL}] == document["servers"]
    assert "1" == document["info"]["version"]
    assert [path, f"{path}/predict"] == list(document["paths"])


def test_document_is_served(api: Describing) -> None:
    """It describes the serving version."""
    status, answer = api.get("/models/iris/openapi.json")

    assert 200 == status
    validate(answer)
    assert "Model iris" == answer["info"]["title"]

"""Typed clients that a public generator makes of the documents."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.common import problem
from functions.common.api.body import prediction_answer
from functions.common.errors import Fault, InvalidInputError
from functions.common.signatures.body import INPUT_FORMATS
from functions.describe.openapi.api_document import api_document
from functions.describe.openapi.model_document import model_document
from tests.typed_client import part, typed_client
from tests.unit.describe.describing import API_URL
from tests.unit.describe.signatures import COLUMNS, EVERY, TENSOR, Signed


class Api:
    """Server with one answer, which keeps the requests."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        self.requests: list[httpx.Request] = []
        self._status = status
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, json=self._answer)


def answering(client: Any, api: Api) -> Any:
    """Return the generated client with a key, calling *api*."""
    authenticated = client.AuthenticatedClient(base_url=API_URL, token="hk_test_key")
    http = httpx.Client(
        base_url=API_URL,
        headers={"Authorization": "Bearer hk_test_key"},
        transport=httpx.MockTransport(api),
    )
    return authenticated.set_httpx_client(http)


def prediction_of(signed: Signed) -> dict[str, Any]:
    made = prediction_answer(
        signed.deployment, signed.predictions, latency_ms=1.0, request_id="a-request"
    )
    answer: dict[str, Any] = json.loads(made)
    return answer


# Every other one: making a client takes seconds, and all documents are validated elsewhere.
@pytest.mark.parametrize("signed", EVERY[::2], ids=lambda signed: signed.name)
def test_a_client_of_any_model_sends_and_reads_what_the_model_does(
    signed: Signed, tmp_path: Path
) -> None:
    """The body arrives unchanged at the model's address, and the answer is read unchanged."""
    api = Api(200, prediction_of(signed))
    with typed_client(model_document(signed.deployment, API_URL), tmp_path) as client:
        answer = part(client, "api.models.predict").sync(
            client=answering(client, api), body=body_of(client, signed)
        )
        predictions = plain(answer.predictions)

    (request,) = api.requests
    assert signed.body == json.loads(request.content)
    assert model_path(signed) == request.url.raw_path.decode()
    assert signed.predictions == predictions


def body_of(client: Any, signed: Signed) -> Any:
    """Return the model's body as an object of the generated class for its form."""
    models = part(client, "models")
    (form,) = signed.body.keys() & set(INPUT_FORMATS) or {"chat"}
    title = "".join(word.capitalize() for word in form.split("_")) + "Body"
    return getattr(models, title).from_dict(signed.body)


def plain(value: Any) -> Any:
    """Return what a client has read as JSON; the client's own way back guesses at lists."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def model_path(signed: Signed) -> str:
    document = model_document(signed.deployment, API_URL)
    (path,) = (path for path in document["paths"] if path.endswith("/predict"))
    return f"/api/v1{path}"


def test_rows_of_columns_have_fields_with_types(tmp_path: Path) -> None:
    """An editor can complete the columns' names."""
    api = Api(200, prediction_of(COLUMNS))
    with typed_client(model_document(COLUMNS.deployment, API_URL), tmp_path) as client:
        models = part(client, "models")
        row = models.InputRow(alcohol=14.2, class_=1, makers_name="Ada", bottled="2026-11-22")
        answer = part(client, "api.models.predict").sync(
            client=answering(client, api), body=models.DataframeRecordsBody([row])
        )

    expected = {"alcohol": 14.2, "class": 1, "maker's name": "Ada", "bottled": "2026-11-22"}
    assert {"dataframe_records": [expected]} == json.loads(api.requests[0].content)
    assert [12.5, None] == [each.price for each in answer.predictions]


def test_a_tensor_is_lists_of_numbers(tmp_path: Path) -> None:
    """Both the body and the predictions have such types."""
    with typed_client(model_document(TENSOR.deployment, API_URL), tmp_path) as client:
        body = part(client, "models").InputsBody
        prediction = part(client, "models").Prediction

        assert "list[list[float | None]]" == body.__annotations__["inputs"]
        assert prediction.__annotations__["predictions"].startswith("list[int]")


def test_a_problem_is_read_as_well(tmp_path: Path) -> None:
    """The code is a member of an enumeration, and each fault has its pointer."""
    error = InvalidInputError("Wrong.", faults=[Fault(pointer="/inputs/0", message="a list")])
    api = Api(422, problem.problem(error, detail=error.detail, request_id="a"))
    with typed_client(model_document(TENSOR.deployment, API_URL), tmp_path) as client:
        models = part(client, "models")
        answer = part(client, "api.models.predict").sync(
            client=answering(client, api), body=models.InputsBody([[1.0]])
        )

        assert models.ProblemCode.INVALID_INPUT == answer.code
        assert ["/inputs/0"] == [fault.pointer for fault in answer.errors]


def test_the_whole_api_has_a_client_too(tmp_path: Path) -> None:
    """Its functions have the names of the operations."""
    api = Api(200, {"models": []})
    with typed_client(json.loads(api_document(API_URL)), tmp_path) as client:
        answer = part(client, "api.models.list_models").sync(
            client=answering(client, api), limit=10, cursor="abc"
        )

    assert {"limit": "10", "cursor": "abc"} == dict(api.requests[0].url.params)
    assert [] == answer.models

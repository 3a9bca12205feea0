"""The API from API Gateway's event to its answer, on fakes."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Origin, Status, TimelineEntry
from functions.common.errors import ModelWarmingUpError, ServiceError
from functions.predict import composition, handler
from functions.predict.live_deployments import LiveDeployments
from functions.predict.prediction import Predictor
from tests.builders import NOON, a_deployment, a_live_deployment
from tests.events import LambdaContext, event
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.inference_client import FakeInferenceClient

LIVE = a_live_deployment(
    revision="a" * 40,
    repository="hokus/hokus-iris",
    input_schema=[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}],
)


class Api:
    """The handler on fakes."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore(LIVE)
        self.client = FakeInferenceClient([0])

    def call(self, **changes: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, answer and headers to the recorded predict call with *changes*."""
        answer = handler.lambda_handler(event("predict", **changes), LambdaContext())  # type: ignore[arg-type]
        headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        return answer["statusCode"], json.loads(answer["body"]), headers

    def get(self, model: str = "iris") -> tuple[int, dict[str, Any]]:
        """Status and answer to GET of *model*."""
        path = f"/api/v1/models/{model}"
        return self.call(httpMethod="GET", path=path, body=None)[:2]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """With a store and an inference client of its own."""
    api = Api()
    predictor = Predictor(LiveDeployments(api.store, max_age_s=0), api.client, deadline_s=25)
    monkeypatch.setattr(composition, "store", lambda: api.store)
    monkeypatch.setattr(composition, "predictor", lambda: predictor)
    return api


def test_a_prediction_has_the_documented_form(api: Api) -> None:
    """And nothing of the provider's own."""
    status, answer, headers = api.call()

    assert 200 == status
    assert {
        "model_id": "iris",
        "model_version": "1",
        "predictions": [0],
        "metadata": {
            "provider": "huggingface",
            "deployment_id": LIVE.id,
            "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "latency_ms": answer["metadata"]["latency_ms"],
        },
        "timestamp": answer["timestamp"],
    } == answer
    assert ("application/json", "no-store") == (headers["Content-Type"], headers["Cache-Control"])


def test_the_model_gets_the_body_as_it_came(api: Api) -> None:
    """Base64 from API Gateway is undone."""
    body = b'{"inputs":  [1]}'

    api.call(body=base64.b64encode(body).decode(), isBase64Encoded=True)

    assert [(LIVE.id, body)] == api.client.sent


def test_a_percent_encoded_name_is_decoded_once(api: Api) -> None:
    """REST APIs hand the path over as it was sent."""
    api.store.add(a_live_deployment(model_id="Grüße an 100%"))
    api.store.live_ids["Grüße an 100%"] = a_live_deployment(model_id="Grüße an 100%").id

    path = "/api/v1/models/Gr%C3%BC%C3%9Fe%20an%20100%25/predict"

    assert "Grüße an 100%" == api.call(path=path)[1]["model_id"]


@pytest.mark.parametrize(
    ("context", "status", "code"),
    [
        ({"has_sufficient_balance": "false"}, 402, "insufficient_balance"),
        ({"rate_limited": "true"}, 429, "rate_limited"),
    ],
)
def test_what_the_authorizer_found_is_decided_here(
    api: Api, context: dict[str, str], status: int, code: str
) -> None:
    """The model is not called."""
    recorded = event("predict")["requestContext"]

    answer = api.call(requestContext=recorded | {"authorizer": context})

    assert (status, code) == (answer[0], answer[1]["code"])
    assert [] == api.client.sent


def test_an_error_is_a_problem(api: Api) -> None:
    """RFC 9457, with the header and the member that say when to come back."""
    api.client.error = ModelWarmingUpError("The model is starting.", retry_after_s=7)

    status, answer, headers = api.call()

    assert 503 == status
    assert {
        "type": "https://docs.hokus.ai/model-serving/errors#model_warming_up",
        "title": "Model warming up",
        "status": 503,
        "detail": "The model is starting.",
        "code": "model_warming_up",
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "retryable": True,
        "retry_after_s": 7,
    } == answer
    assert ("application/problem+json", "7") == (headers["Content-Type"], headers["Retry-After"])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"path": "/api/v1/models/unknown/predict"}, 404, "model_not_found"),
        ({"path": "/api/v1/nothing"}, 404, "not_found"),
        ({"body": "{"}, 400, "invalid_json"),
        ({"body": None}, 400, "invalid_json"),
        ({"body": "{}"}, 400, "invalid_request"),
        ({"headers": {"Content-Type": "text/csv"}}, 415, "unsupported_media_type"),
    ],
)
def test_bad_requests_have_their_code(
    api: Api, changes: dict[str, Any], status: int, code: str
) -> None:
    """Each before the model is called."""
    answer = api.call(**changes)

    assert (status, code) == (answer[0], answer[1]["code"])
    assert [] == api.client.sent


def test_an_unknown_fault_is_500_without_its_words(api: Api, logged: Callable[[], str]) -> None:
    """They are in the log."""
    api.store.error = ConnectionError("to table 10.0.0.1")

    status, answer, _ = api.call()

    assert (500, "internal_error") == (status, answer["code"])
    assert "10.0.0.1" not in answer["detail"]
    assert "10.0.0.1" in logged()


def test_a_refusals_detail_is_not_logged(api: Api, logged: Callable[[], str]) -> None:
    """A model's message can quote the caller's input."""
    api.client.error = ServiceError("could not convert 'canary' to float")

    api.call()

    assert "canary" not in logged()


def test_a_model_shows_its_deployments_newest_first(api: Api) -> None:
    """What serves gives version and schemas, whatever is on its way."""
    entry = TimelineEntry(step="validate", time=NOON, outcome="valid")
    coming = a_deployment(
        model_version="2", requested_at=NOON + timedelta(hours=1), timeline=(entry,)
    )
    api.store.add(coming)

    status, answer = api.get()

    assert (200, "1", "deployed") == (status, answer["model_version"], answer["status"])
    assert LIVE.input_schema == answer["input_schema"]
    assert [coming.id, LIVE.id] == [each["id"] for each in answer["deployments"]]
    assert [{"step": "validate", "time": "2026-11-22T12:00:00.000000Z", "outcome": "valid"}] == (
        answer["deployments"][0]["timeline"]
    )


def test_a_model_shows_nothing_of_the_providers(api: Api) -> None:
    """No address, name, repository or secret."""
    text = json.dumps(api.get()[1])

    for hidden in (LIVE.endpoint_url, LIVE.endpoint_name, LIVE.endpoint_secret, LIVE.repository):
        assert hidden
        assert hidden not in text


def test_a_deployment_shows_who_wished_for_it_and_every_step(api: Api) -> None:
    """Also one that took over an endpoint, and so went only some of the steps."""
    steps = {
        "validate": "took over the endpoint that still stands",
        "check": "ready",
        "prove": "proved",
        "activate": "activated",
    }
    timeline = tuple(
        TimelineEntry(step=step, time=NOON, outcome=outcome) for step, outcome in steps.items()
    )
    adopting = a_deployment(
        requested_at=NOON + timedelta(hours=1),
        origin=Origin.OPERATOR,
        adopted_from=LIVE.id,
        endpoint_name=LIVE.endpoint_name,
        timeline=timeline,
    )
    api.store.add(adopting)

    _, answer = api.get()

    moment = "2026-11-22T13:00:00.000000Z"
    assert {
        "id": adopting.id,
        "model_version": "1",
        "status": "deploying",
        "origin": "operator",
        "requested_at": moment,
        "updated_at": moment,
        "reason": None,
        "retryable": False,
        "timeline": [
            {"step": step, "time": "2026-11-22T12:00:00.000000Z", "outcome": outcome}
            for step, outcome in steps.items()
        ],
    } == answer["deployments"][0]


def test_a_model_that_failed_shows_the_reason(api: Api) -> None:
    """Before anything was live."""
    api.store.add(a_deployment(model_id="wine", status=Status.FAILED, reason="No signature."))

    _, answer = api.get("wine")

    assert ("failed", "No signature.") == (answer["status"], answer["deployments"][0]["reason"])


def test_an_unknown_model_is_404(api: Api) -> None:
    """It has no deployments at all."""
    assert (404, "model_not_found") == (api.get("nowhere")[0], api.get("nowhere")[1]["code"])

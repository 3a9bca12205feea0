"""The API from API Gateway's event to its answer, on fakes."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.common.errors import ModelNotReadyError, ModelWarmingUpError, ServiceError
from functions.common.signatures.request_schema import request_schema
from functions.predict import handler
from functions.predict.bootstrap import PredictPorts, bootstrap
from functions.predict.settings import PredictSettings
from tests.aws_failures import FAILURES, secret_unavailable, throttled
from tests.builders import NOON, a_live_deployment, changed
from tests.events import LambdaContext, event
from tests.fakes.call_counts import FakeCallCountStore
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.leases import FakeLeaseStore
from tests.fakes.wait_counts import FakeWaitCounts

LIVE = a_live_deployment(
    revision="a" * 40,
    repository="hokus/hokus-iris",
    input_schema=[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}],
)


class Api:
    """The handler on fakes."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.store = FakeDeploymentStore(LIVE)
        self.client, self.counts = FakeInferenceClient([0]), FakeCallCountStore()
        self._patch = patch
        self.start()

    def start(self, *, lookup_max_age_s: float = 0) -> None:
        """Begin a new execution environment."""
        ports = PredictPorts(
            deployments=self.store,
            inference=self.client,
            circuit_states=FakeCircuitStateStore(),
            leases=FakeLeaseStore(),
            wait_counts=FakeWaitCounts(),
            call_counts=self.counts,
            request_reconciliation=lambda _model_id: None,
        )
        settings = PredictSettings(
            table_name="t",
            state_table_name="s",
            reconcile_function="r",
            lookup_max_age_s=lookup_max_age_s,
        )
        function = bootstrap(ports, settings, logger=handler.logger)
        self._patch.setattr(handler, "predict_function", lambda: function)

    def call(self, **changes: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Return status, answer and headers of the recorded predict call with *changes*."""
        answer = handler.lambda_handler(event("predict", **changes), LambdaContext())
        headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        return answer["statusCode"], json.loads(answer["body"]), headers


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """With a store and an inference client of its own."""
    return Api(monkeypatch)


def test_a_prediction_has_the_documented_form(api: Api) -> None:
    """The provider's own values are not in it."""
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


def test_an_input_that_does_not_fit_the_schema_is_422_with_pointers(api: Api) -> None:
    """The model is not called, and nothing that was sent is repeated."""
    schema = request_schema(LIVE.contract.inputs, None)
    live = changed(LIVE, request_schema=schema)
    api.store.deployments[live.id] = live

    status, answer, _ = api.call(body='{"inputs": [[1.0, 2.0, "canary", 4.0]]}')

    assert (422, "invalid_input") == (status, answer["code"])
    assert ["/inputs/0/2"] == [fault["pointer"] for fault in answer["errors"]]
    assert "canary" not in json.dumps(answer)
    assert [] == api.client.sent


def test_a_replaced_endpoint_is_looked_up_anew(api: Api) -> None:
    """Its deployment was cached for some seconds, in which it was replaced and deleted."""
    api.start(lookup_max_age_s=60)
    api.call()
    newer = a_live_deployment(requested_at=NOON + timedelta(hours=1), endpoint_url="https://new")
    api.store.add(newer)
    api.store.live_ids["iris"] = newer.id
    api.client.script = [*([[0]] * len(api.client.sent)), ModelNotReadyError("gone")]

    status, answer, _ = api.call()

    assert (200, newer.id) == (status, answer["metadata"]["deployment_id"])


def test_a_preferred_wait_is_confirmed_in_a_header(api: Api) -> None:
    """RFC 7240 calls it `Preference-Applied`."""
    headers = event("predict")["headers"] | {"Prefer": "wait=20"}

    assert "wait=20" == api.call(headers=headers)[2]["Preference-Applied"]
    assert "Preference-Applied" not in api.call()[2]


def test_an_error_is_a_problem(api: Api) -> None:
    """RFC 9457, with the time after which to try again as header and member."""
    api.client.error = ModelWarmingUpError("The model is starting.", provider_retry_after_s=70)

    status, answer, headers = api.call()

    assert 503 == status
    assert {
        "type": "https://docs.hokus.ai/model-serving/errors#model_warming_up",
        "title": "Model warming up",
        "status": 503,
        "detail": "The model is starting. Try again soon.",
        "code": "model_warming_up",
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "retryable": True,
        "retry_after_s": 70,
    } == answer
    assert ("application/problem+json", "70") == (headers["Content-Type"], headers["Retry-After"])


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


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_table_that_does_not_answer_is_503(api: Api, error: Exception) -> None:
    """Where the live deployment was not looked up before."""
    api.store.error = error

    status, answer, headers = api.call()

    assert (503, "service_unavailable") == (status, answer["code"])
    assert (True, "5") == (answer["retryable"], headers["Retry-After"])


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_token_that_cannot_be_read_is_503(api: Api, error: Exception) -> None:
    """The model was not asked."""
    api.client.error = secret_unavailable(error)

    status, answer, headers = api.call()

    assert (503, "service_unavailable") == (status, answer["code"])
    assert "5" == headers["Retry-After"]


def test_predictions_go_on_while_the_table_does_not_answer(api: Api) -> None:
    """With the deployment that was looked up before."""
    api.call()
    api.store.error = throttled()

    assert [200, 200] == [api.call()[0], api.call()[0]]


def test_an_unknown_fault_is_500_without_its_message(api: Api, logged: Callable[[], str]) -> None:
    """The message is in the log."""
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


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        (None, 0),
        ("", 0),
        ("wait=20", 20),
        ("Wait = 20", 20),
        ('wait="5"', 5),
        ("respond-async, wait=10", 10),
        ("wait=7; foo=bar", 7),
        ("wait", 0),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("wait=99999999", 0),
        ("wait=²", 0),
        ("waiting=5", 0),
    ],
)
def test_a_preference_that_is_not_understood_is_ignored(prefer: str | None, expected: int) -> None:
    """As RFC 7240 demands of every preference."""
    assert expected == handler.preferred_wait_s(prefer)

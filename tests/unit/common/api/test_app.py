"""Common properties of every answer of the functions behind the API, on an app with two routes."""

import json
import re
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response

from functions.common.api import cors
from functions.common.api.app import RestApi, json_response, make_app
from functions.common.errors import ModelWarmingUpError
from functions.common.metric_names import INTERNAL_ERRORS
from functions.common.observability import make_logger
from tests.events import LambdaContext, event
from tests.wide_events import wide_events

GATEWAY_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
CONTEXT = event("predict")["requestContext"]
HEADERS = event("predict")["headers"]


class Answer:
    """Status, headers and body of a proxy integration's answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.status = answer["statusCode"]
        self.body = json.loads(answer["body"])
        self.headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        assert all(len(values) == 1 for values in answer["multiValueHeaders"].values())


@pytest.fixture
def app() -> RestApi:
    """An app with one public route, and one behind the authorizer."""
    app = make_app(make_logger("test"))

    @app.get("/health")
    def health() -> Response[str]:
        return json_response({"request_id": app.request_context.id})

    @app.post("/models/<model_id>/predict")
    def predict(model_id: str) -> Response[str]:
        app.request_context.admit()
        if model_id == "asleep":
            raise ModelWarmingUpError("It sleeps.")
        if model_id == "broken":
            raise ZeroDivisionError
        app.request_context.timings.add("provider", 20)
        return json_response({"request_id": app.request_context.id})

    @app.get("/models/<model_id>/predict")
    def example(model_id: str) -> Response[str]:
        return json_response({"model_id": model_id})

    return app


def call(app: RestApi, **changes: Any) -> Answer:
    """Return the answer to the recorded predict request with *changes*."""
    return Answer(app.resolve(event("predict", **changes), LambdaContext()))  # type: ignore[arg-type]


EVERY_KIND: dict[str, dict[str, Any]] = {
    "success": {},
    "refusal": {"path": "/api/v1/models/asleep/predict"},
    "fault": {"path": "/api/v1/models/broken/predict"},
    "unknown route": {"path": "/api/v1/nothing"},
    "unknown method": {"httpMethod": "PATCH"},
    "no authorizer": {"requestContext": {"requestId": GATEWAY_ID}},
}


@pytest.mark.parametrize("changes", EVERY_KIND.values(), ids=EVERY_KIND.keys())
def test_every_answer_has_an_id_and_timings_and_is_not_cached(
    app: RestApi, changes: dict[str, Any]
) -> None:
    """The id in the header is the one in the body."""
    answer = call(app, **changes)

    assert GATEWAY_ID == answer.headers["X-Request-Id"] == answer.body["request_id"]
    assert "no-store" == answer.headers["Cache-Control"]
    number = r"\d+\.\d"
    steps = ", ".join(f"{name};dur={number}" for name in ("auth", "lookup", "provider", "total"))
    assert re.fullmatch(steps, answer.headers["Server-Timing"])


@pytest.mark.parametrize("changes", EVERY_KIND.values(), ids=EVERY_KIND.keys())
def test_the_callers_own_id_is_kept(app: RestApi, changes: dict[str, Any]) -> None:
    """In header and body, in any case of the header's name."""
    answer = call(app, **{**changes, "headers": HEADERS | {"x-REQUEST-id": "My.own_id-1"}})

    assert "My.own_id-1" == answer.headers["X-Request-Id"] == answer.body["request_id"]


@pytest.mark.parametrize(
    "requested", ["", "a" * 129, "a b", "a\nb", "é", "${jndi:x}", "<script>", "a/b", 'a"b']
)
def test_a_dangerous_request_id_is_replaced(app: RestApi, requested: str) -> None:
    """An id appears in headers, logs and pages."""
    answer = call(app, headers=HEADERS | {"X-Request-Id": requested})

    assert GATEWAY_ID == answer.headers["X-Request-Id"] == answer.body["request_id"]


@pytest.mark.parametrize("name", ["a\x19b", "a\x9bc", "a\x7fb"])
def test_a_name_that_no_route_matches_is_not_found(app: RestApi, name: str) -> None:
    """It is 404 and not 405, because the method exists for that route."""
    answer = call(app, path=f"/api/v1/models/{name}/predict")

    assert (404, "not_found") == (answer.status, answer.body["code"])


def test_the_longest_id_is_kept(app: RestApi) -> None:
    """128 characters."""
    answer = call(app, headers=HEADERS | {"X-Request-Id": "a" * 128})

    assert "a" * 128 == answer.headers["X-Request-Id"]


def test_both_ids_are_logged(app: RestApi, capsys: pytest.CaptureFixture[str]) -> None:
    """Callers name their own id; API Gateway's log has its own. A refusal is a line like any."""
    call(app, path="/api/v1/nothing", headers=HEADERS | {"X-Request-Id": "mine"})

    assert {"request_id", "gateway_request_id"} <= set(app._log.get_current_keys())
    assert ("mine", GATEWAY_ID) == tuple(
        app._log.get_current_keys()[name] for name in ("request_id", "gateway_request_id")
    )
    (line,) = wide_events(capsys.readouterr().out)
    assert ("not_found", "mine", GATEWAY_ID) == tuple(
        line[name] for name in ("code", "request_id", "gateway_request_id")
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_a_wrong_method_is_405_with_the_allowed_ones(app: RestApi, method: str) -> None:
    """API Gateway routes it here without asking for a key."""
    no_key = {name: value for name, value in CONTEXT.items() if name != "authorizer"}
    answer = call(app, httpMethod=method, requestContext=no_key)

    assert (405, "method_not_allowed") == (answer.status, answer.body["code"])
    assert "GET, POST" == answer.headers["Allow"]


def test_the_allow_header_can_have_one_method(app: RestApi) -> None:
    """Also for a path without a parameter."""
    assert "GET" == call(app, path="/api/v1/health").headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/models/a/b/predict", "/apis/v1"])
def test_an_unknown_path_is_404(app: RestApi, path: str) -> None:
    """With any method."""
    for method in ("GET", "PUT"):
        answer = call(app, path=path, httpMethod=method)
        assert (404, "not_found") == (answer.status, answer.body["code"])


@pytest.mark.parametrize("context", [{}, {"authorizer": None}, {"authorizer": {}}])
def test_a_protected_route_needs_the_authorizers_context(
    app: RestApi, context: dict[str, Any]
) -> None:
    """Public methods must not become a way around it."""
    answer = call(app, requestContext=context)

    assert (401, "unauthorized") == (answer.status, answer.body["code"])
    assert "Bearer" == answer.headers["WWW-Authenticate"]


def test_two_keys_are_refused_even_if_one_is_valid(app: RestApi) -> None:
    """The authorizer refuses them too when it is called."""
    two = {"authorization": ["Bearer a"], "Authorization": ["Bearer b"]}

    assert 401 == call(app, multiValueHeaders=two).status
    assert 200 == call(app, multiValueHeaders={"Authorization": ["Bearer a"]}).status


@pytest.mark.parametrize(
    ("authorized_at_ms", "auth_ms"), [("1700000000020", "31.5"), ("1699999999000", "0.0")]
)
def test_the_authorizers_time_counts_once(
    app: RestApi, authorized_at_ms: str, auth_ms: str
) -> None:
    """Later requests find its policy in API Gateway's cache."""
    found = {"auth_ms": "31.5", "authorized_at_ms": authorized_at_ms, "user_id": "u"}
    context = CONTEXT | {"requestTimeEpoch": 1700000000000, "authorizer": found}

    timing = call(app, requestContext=context).headers["Server-Timing"]

    assert timing.startswith(f"auth;dur={auth_ms}, lookup;dur=0.0, provider;dur=20.0, ")


def test_requests_have_separate_timings(app: RestApi) -> None:
    """A second request in the same process starts from zero."""
    for _ in range(2):
        assert "provider;dur=20.0" in call(app).headers["Server-Timing"]


def test_an_allowed_page_may_read_every_answer(
    app: RestApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Problems too, so that it can show what is wrong."""
    page = "https://app.hokus.ai"
    monkeypatch.setattr(cors, "allowed_origins", lambda: frozenset({page}))

    for changes in EVERY_KIND.values():
        answer = call(app, **{**changes, "headers": HEADERS | {"origin": page}})
        assert page == answer.headers["Access-Control-Allow-Origin"]


def test_by_default_no_page_may_read_answers(app: RestApi) -> None:
    """CORS is off."""
    answer = call(app, headers=HEADERS | {"Origin": "https://app.hokus.ai"})

    assert [] == [name for name in answer.headers if name.startswith("Access-Control")]
    assert "Vary" not in answer.headers


@pytest.mark.parametrize(("model", "counted"), [("broken", 1), ("asleep", 0)])
def test_internal_errors_are_counted_by_version(
    app: RestApi,
    model: str,
    counted: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A rollout is rolled back for them; a model that is not well counts for nothing."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")

    call(app, path=f"/api/v1/models/{model}/predict")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    errors = [line for line in lines if INTERNAL_ERRORS in line]
    assert [("test", "7", 1)] * counted == [
        (line["service"], line["function_version"], line[INTERNAL_ERRORS]) for line in errors
    ]

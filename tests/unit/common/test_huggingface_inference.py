"""The data plane of Hugging Face, played by a function, as facts/huggingface.md describes it."""

import json
from collections.abc import Callable

import httpx
import pytest

from functions.common.deployments.record import Runtime
from functions.common.errors import (
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitedError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, EndpointState, Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from tests.builders import a_live_deployment

BODY = b'{"inputs": [[5.1]],  "params": {"a": 1}}'
TOKEN = "hf_canary"
type Endpoints = Callable[[httpx.Request], httpx.Response]


def client_of(
    endpoints: Endpoints, *, domain: str = "endpoints.huggingface.cloud"
) -> HuggingFaceInference:
    """The adapter over *endpoints*."""
    transport = httpx.MockTransport(endpoints)
    return HuggingFaceInference(
        endpoint_domain=domain, token=lambda: TOKEN, client=httpx.Client(transport=transport)
    )


def invoke(endpoints: Endpoints, **changes: object) -> Predictions:
    """One prediction with a live deployment that has *changes*."""
    client = client_of(endpoints)
    return client.invoke(a_live_deployment(**changes), BODY, timeout_s=5)


def answering(status: int, body: object) -> Endpoints:
    """An endpoint that always answers the same."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _request: httpx.Response(status, content=content)


def test_the_body_travels_as_it_came_with_the_deployments_secret() -> None:
    """Byte for byte, and the token only in the header."""
    seen: list[httpx.Request] = []

    def endpoint(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True, "deployment_id": "d", "predictions": [1]})

    assert Predictions([1], "d") == invoke(endpoint)
    (request,) = seen
    assert BODY in request.content
    assert {
        "inputs": json.loads(BODY),
        "hokus": {"secret": "the-deployment-secret"},
    } == json.loads(request.content)
    assert f"Bearer {TOKEN}" == request.headers["Authorization"]
    assert "application/json" == request.headers["Content-Type"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, {"error": "503 Service Unavailable", "code": "X"}, ModelWarmingUpError),
        (502, b"<html>bad gateway</html>", ModelWarmingUpError),
        (
            400,
            {
                "error": "Bad Request: The endpoint is paused, ask a maintainer to restart it",
                "code": "BAD_REQUEST",
            },
            ModelNotReadyError,
        ),
        (400, {"error": "Bad Request: Invalid state", "code": "BAD_REQUEST"}, ModelNotReadyError),
        (400, {"error": "the container's own complaint"}, ProviderError),
        (400, b"not json", ProviderError),
        (404, {"error": "not found"}, ModelNotReadyError),
        (401, {"error": "401 Unauthorized", "code": "UNAUTHORIZED"}, ProviderError),
        (403, {"error": "missing permissions"}, ProviderError),
        (429, b"", RateLimitedError),
        (500, b"", ProviderError),
        (302, b"", ProviderError),
        (200, b'{"ok": true, "deployment_id": "d", "predictions": [1', ProviderError),
        (200, b'{"ok": true, "deployment_id": "d", "predictions": NaN}', ProviderError),
        (200, b"", ProviderError),
        (200, {"predictions": [1]}, ProviderError),
        (200, [1], ProviderError),
        (
            200,
            {"ok": False, "error": {"type": "rejected_input", "message": "no"}},
            ModelRejectedInputError,
        ),
        (200, {"ok": False, "error": {"type": "model_error", "message": "no"}}, ProviderError),
        (200, {"ok": False, "error": {"type": "forbidden", "message": "no"}}, ProviderError),
    ],
)
def test_every_other_answer_has_one_meaning(
    status: int, body: object, error: type[ServiceError]
) -> None:
    """And the message never repeats what the provider said of itself."""
    with pytest.raises(ServiceError) as raised:
        invoke(answering(status, body))

    assert error is type(raised.value)
    assert "huggingface" not in raised.value.detail


def test_without_an_address_there_is_nobody_to_ask() -> None:
    """The deployment has not come that far."""
    with pytest.raises(ModelNotReadyError):
        invoke(answering(200, {}), endpoint_url=None)


def test_a_redirect_is_not_followed() -> None:
    """The token would go wherever it points."""
    hosts: list[str] = []

    def endpoint(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(ProviderError):
        invoke(endpoint)
    assert 1 == len(hosts)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.endpoints.huggingface.cloud",
        "https://endpoints.huggingface.cloud.evil.example",
        "https://evilendpoints.huggingface.cloud",
        "https://user@evil.example/endpoints.huggingface.cloud",
        "http://127.0.0.1:8000",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_is_not_sent_to_other_addresses(url: str) -> None:
    """Whatever the record says."""

    def endpoint(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("sent")

    with pytest.raises(ProviderError):
        invoke(endpoint, endpoint_url=url)


def test_plain_http_is_for_this_machine_alone() -> None:
    """And only where the domain is set to it."""
    client = client_of(
        answering(200, {"ok": True, "deployment_id": "d", "predictions": 1}), domain="127.0.0.1"
    )
    deployment = a_live_deployment(endpoint_url="http://127.0.0.1:8000/endpoints/x")

    assert Predictions(1, "d") == client.invoke(deployment, BODY, timeout_s=5)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.ReadTimeout("slow"), ProviderTimeoutError),
        (httpx.ConnectTimeout("slow"), ProviderTimeoutError),
        (httpx.ConnectError("refused"), ProviderError),
        (httpx.RemoteProtocolError("reset"), ProviderError),
    ],
)
def test_a_broken_connection_is_the_providers_fault(
    fault: httpx.HTTPError, error: type[ServiceError]
) -> None:
    """Silence is a timeout, the rest is an error."""

    def endpoint(_request: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(error):
        invoke(endpoint)


@pytest.mark.parametrize("timeout_s", [25, 2])
def test_connecting_and_silence_share_the_time(timeout_s: float) -> None:
    """An endpoint that is slow to accept has less time to answer."""

    def endpoint(request: httpx.Request) -> httpx.Response:
        allowed = request.extensions["timeout"]
        assert timeout_s == allowed["connect"] + allowed["read"]
        return httpx.Response(200, json={"ok": True, "deployment_id": "d", "predictions": 1})

    client_of(endpoint).invoke(a_live_deployment(), BODY, timeout_s=timeout_s)


def test_an_answer_that_trickles_in_is_given_up() -> None:
    """With the first part that comes after the deadline."""

    def endpoint(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([b"{", b"}"]))

    with pytest.raises(ProviderTimeoutError):
        client_of(endpoint).invoke(a_live_deployment(), BODY, timeout_s=1e-9)


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    """Lambda could not return it."""
    with pytest.raises(ProviderError):
        invoke(answering(200, b"[" + b"1," * 3_500_000))


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (401, False)])
def test_health_is_a_200_of_the_health_route(status: int, healthy: bool) -> None:
    """Asked with our token, since the proxy lets nobody else through."""

    def endpoint(request: httpx.Request) -> httpx.Response:
        assert "/health" == request.url.path
        assert f"Bearer {TOKEN}" == request.headers["Authorization"]
        return httpx.Response(status)

    assert healthy is client_of(endpoint).healthy(an_endpoint())


def test_silence_is_not_healthy() -> None:
    """Refused connections are normal while a model loads."""

    def endpoint(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    assert not client_of(endpoint).healthy(an_endpoint())


def test_an_answer_names_the_files_that_are_served() -> None:
    """Those of an endpoint from before it did so are not known."""
    answer = {"ok": True, "deployment_id": "d", "predictions": [1]}

    assert Predictions([1], "d", "ab") == invoke(answering(200, {**answer, "package": "ab"}))
    assert Predictions([1], "d", None) == invoke(answering(200, answer))


def ask_hub_source(endpoints: Endpoints) -> Predictions:
    """One prediction of a model that is served from its Hub source."""
    deployment = a_live_deployment(runtime=Runtime.HUB)
    return client_of(endpoints).invoke(deployment, b'{"inputs": "A fine day"}', timeout_s=5)


def test_a_hub_source_gets_no_secret() -> None:
    """It is not our code that would read it."""
    seen: list[bytes] = []

    def endpoint(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return httpx.Response(200, json=["fine"])

    assert Predictions(["fine"], None) == ask_hub_source(endpoint)
    assert [{"inputs": "A fine day"}] == [json.loads(content) for content in seen]


def test_an_input_that_a_hub_source_cannot_take_is_rejected() -> None:
    """In its own words; from our handler's container, a 400 is no such thing."""
    with pytest.raises(ModelRejectedInputError, match="text too long"):
        ask_hub_source(answering(400, {"error": "text too long"}))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {"detail": "boom"}, ProviderError),
        (400, {"error": "Bad Request: Invalid state", "code": "BAD_REQUEST"}, ModelNotReadyError),
        (400, {"error": "Bad Request", "code": "BAD_REQUEST"}, ProviderError),
        (400, b"<html>", ProviderError),
        (422, {"other": 1}, ProviderError),
        (503, {"error": "503 Service Unavailable", "code": "X"}, ModelWarmingUpError),
        (429, b"", RateLimitedError),
        (404, {"error": "Not Found"}, ModelNotReadyError),
        (200, b"", ProviderError),
        (200, b"[NaN]", ProviderError),
        (200, b"[1", ProviderError),
    ],
)
def test_what_is_not_the_inputs_fault_is_as_with_our_handler(
    status: int, body: object, error: type[ServiceError]
) -> None:
    """The proxy is the same."""
    with pytest.raises(ServiceError) as raised:
        ask_hub_source(answering(status, body))

    assert error is type(raised.value)


def an_endpoint() -> Endpoint:
    """A running one."""
    return Endpoint(
        name="hokus-iris",
        state=EndpointState.RUNNING,
        url="https://a.endpoints.huggingface.cloud",
        message="",
        repository="hokus/hokus-iris",
        revision="a" * 40,
        tags=(),
        access="authenticated",
    )

"""The client of Hugging Face's data plane, on a local server as facts/huggingface.md describes it.

Faults of the provider are in tests/faults.
"""

import json
from collections.abc import Callable, Iterator

import pytest
from pydantic_core import to_json

from functions.common.deadline import Deadline
from functions.common.deployments.record import ModelSource
from functions.common.errors import (
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderRefusalError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, EndpointState, Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.providers.huggingface.transport import Transport
from functions.common.secrets import SecretUnavailableError
from tests.builders import a_live_deployment, body_of
from tests.faults.scripts import answers
from tests.faults.server import FaultServer, Peer, nobody_listening, response

BODY = b'{"inputs": [[5.1]],  "params": {"a": 1}}'
TOKEN = "hf_canary"
ID = a_live_deployment().id
RIGHT = {"ok": True, "deployment_id": ID, "predictions": [1]}


class EndpointOnThisMachine:
    """An endpoint that answers correctly unless given another script, and clients of it."""

    def __init__(self, endpoint: FaultServer, transport: Transport) -> None:
        self.endpoint = endpoint
        self._transport = transport

    def client(
        self, *, token: str = TOKEN, renewed: Callable[[], str] | None = None
    ) -> HuggingFaceInference:
        return HuggingFaceInference(
            endpoint_domain="127.0.0.1",
            token=lambda: token,
            renewed_token=renewed,
            transport=self._transport,
        )

    def invoke(
        self,
        body: bytes = BODY,
        *,
        token: str = TOKEN,
        renewed: Callable[[], str] | None = None,
        **changes: object,
    ) -> Predictions:
        """Send one prediction to a live deployment with *changes*."""
        deployment = a_live_deployment(**{"endpoint_url": self.endpoint.url, **changes})
        return self.client(token=token, renewed=renewed).invoke(
            deployment, body_of(body), deadline=Deadline.after(20)
        )

    def invoke_hub_source(self) -> Predictions:
        """Send one prediction to a model that is served from its Hub source."""
        return self.invoke(b'{"inputs": "A fine day"}', runtime=ModelSource.HUB)


@pytest.fixture
def local_endpoint(transport: Transport) -> Iterator[EndpointOnThisMachine]:
    """A running endpoint, closed after the test."""
    with FaultServer(answers(200, RIGHT)) as server:
        yield EndpointOnThisMachine(server, transport)


@pytest.mark.parametrize("body", [BODY, b'{"inputs": "%b"}' % (100_000 * b"x")])
def test_the_body_is_sent_unchanged_with_the_deployments_secret(
    local_endpoint: EndpointOnThisMachine, body: bytes
) -> None:
    """Byte for byte, whatever its size; the token is in the header only."""
    assert Predictions([1], ID) == local_endpoint.invoke(body)

    (request,) = local_endpoint.endpoint.requests
    hokus = json.loads(request.content)["hokus"]
    assert b'{"inputs":%b,"hokus":%b}' % (body, to_json(hokus)) == request.content
    assert "the-deployment-secret" == hokus["secret"]
    assert f"Bearer {TOKEN}" == request.headers["authorization"]
    assert "application/json" == request.headers["content-type"]
    assert ("POST", "/") == (request.method, request.path)


def test_a_trailing_line_end_of_the_token_is_removed(local_endpoint: EndpointOnThisMachine) -> None:
    """A header cannot contain it."""
    local_endpoint.invoke(token=f"{TOKEN}\n")

    assert f"Bearer {TOKEN}" == local_endpoint.endpoint.requests[0].headers["authorization"]


def test_an_invalid_token_is_not_quoted(local_endpoint: EndpointOnThisMachine) -> None:
    """Neither in the error nor in its cause."""
    with pytest.raises(ProviderError) as raised:
        local_endpoint.invoke(token=f"{TOKEN}\r\nX: y")
    assert (None, True) == (raised.value.__cause__, raised.value.__suppress_context__)
    assert TOKEN not in raised.value.detail


def test_a_deployment_without_an_address_is_not_called(
    local_endpoint: EndpointOnThisMachine,
) -> None:
    """Its endpoint does not exist yet."""
    with pytest.raises(ModelNotReadyError):
        local_endpoint.invoke(endpoint_url=None)


def test_a_redirect_is_not_followed(local_endpoint: EndpointOnThisMachine) -> None:
    """The token would go wherever it points."""
    local_endpoint.endpoint.script = answers(
        307, Location=f"{local_endpoint.endpoint.url}/elsewhere"
    )

    with pytest.raises(ProviderError):
        local_endpoint.invoke()
    assert 1 == local_endpoint.endpoint.connections


@pytest.mark.parametrize(
    "url",
    [
        "http://a.endpoints.huggingface.cloud",
        "https://endpoints.huggingface.cloud.evil.example",
        "https://evilendpoints.huggingface.cloud",
        "https://user@evil.example/endpoints.huggingface.cloud",
        "https://evil.example\\@a.endpoints.huggingface.cloud",
        "https://evil.example#a.endpoints.huggingface.cloud",
        "https://[::1/a.endpoints.huggingface.cloud",
        "https://a.endpoints.huggingface.cloud:port",
        "https://ä.endpoints.huggingface.cloud",
        "http://127.0.0.1:9",
        "ftp://a.endpoints.huggingface.cloud",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_is_not_sent_to_other_addresses(url: str) -> None:
    """Whatever URL the record has; the token is not even read."""

    def token() -> str:
        raise AssertionError("read")

    far = HuggingFaceInference(endpoint_domain="endpoints.huggingface.cloud", token=token)

    with pytest.raises(ProviderError, match="not trusted"):
        far.invoke(a_live_deployment(endpoint_url=url), body_of(BODY), deadline=Deadline.after(1))
    with pytest.raises(ProviderError, match="not trusted"):
        far.healthy(an_endpoint(url))


def test_an_endpoint_can_be_below_a_path(local_endpoint: EndpointOnThisMachine) -> None:
    """As in the local system."""
    local_endpoint.invoke(endpoint_url=f"{local_endpoint.endpoint.url}/endpoints/x/")

    assert "/endpoints/x" == local_endpoint.endpoint.requests[0].path


def test_an_answer_names_the_served_package(local_endpoint: EndpointOnThisMachine) -> None:
    """None for an endpoint that is too old to say so."""
    assert Predictions([1], ID, None) == local_endpoint.invoke()
    local_endpoint.endpoint.script = answers(200, {**RIGHT, "package": "ab"})
    assert Predictions([1], ID, "ab") == local_endpoint.invoke()


def test_only_the_models_own_message_is_passed_on(local_endpoint: EndpointOnThisMachine) -> None:
    """Shortened to what a person reads."""
    words = 9_000 * "x"
    details = {}
    for kind, error in (
        ("rejected_input", ModelRejectedInputError),
        ("model_error", ModelFailedError),
    ):
        failure = {"type": kind, "message": words}
        local_endpoint.endpoint.script = answers(200, {**RIGHT, "ok": False, "error": failure})
        with pytest.raises(error) as raised:
            local_endpoint.invoke()
        details[kind] = raised.value.detail

    shown = words[:500]
    assert {"rejected_input": shown, "model_error": f"The model failed: {shown}"} == details


def test_an_answer_of_the_maximum_size_is_accepted(local_endpoint: EndpointOnThisMachine) -> None:
    """One byte more is an error."""
    empty = len(b'{"ok": true, "deployment_id": "%b", "predictions": ""}' % ID.encode())
    filled = {**RIGHT, "predictions": (6_000_000 - empty) * "x"}
    local_endpoint.endpoint.script = answers(200, filled)

    assert filled["predictions"] == local_endpoint.invoke().values
    local_endpoint.endpoint.script = answers(
        200, {**filled, "predictions": f"{filled['predictions']}x"}
    )
    with pytest.raises(ProviderError, match="6 MB"):
        local_endpoint.invoke()


def accepting_token(token: str, *, refusal: int = 401) -> Callable[[Peer], None]:
    """Return a script that answers requests with *token* and refuses others, as the proxy does."""

    def script(peer: Peer) -> None:
        while True:
            right = f"Bearer {token}" == peer.read_request().headers["authorization"]
            peer.send(response(200, RIGHT) if right else response(refusal, {"error": "no"}))

    return script


@pytest.mark.parametrize("status", [401, 403])
def test_a_rotated_token_works_at_once(local_endpoint: EndpointOnThisMachine, status: int) -> None:
    """The cached token is refused, so the current one is read and sent."""
    local_endpoint.endpoint.script = accepting_token("new", refusal=status)

    assert [1] == local_endpoint.invoke(token="old", renewed=lambda: "new").values
    assert 2 == len(local_endpoint.endpoint.requests)


def test_an_unchanged_token_is_not_sent_again(local_endpoint: EndpointOnThisMachine) -> None:
    """It would be refused again."""
    local_endpoint.endpoint.script = accepting_token("new")

    with pytest.raises(ProviderDeniedError):
        local_endpoint.invoke(token="old", renewed=lambda: "old")
    assert 1 == len(local_endpoint.endpoint.requests)


def test_two_refused_tokens_are_an_error(local_endpoint: EndpointOnThisMachine) -> None:
    """There is no third attempt."""
    local_endpoint.endpoint.script = accepting_token("another")

    with pytest.raises(ProviderDeniedError) as raised:
        local_endpoint.invoke(token="old", renewed=lambda: "new")
    assert 2 == len(local_endpoint.endpoint.requests)
    assert not raised.value.retryable


def test_a_token_that_cannot_be_refreshed_stays_refused(
    local_endpoint: EndpointOnThisMachine,
) -> None:
    """The error is the refusal."""

    def renewed() -> str:
        raise SecretUnavailableError("token")

    local_endpoint.endpoint.script = accepting_token("new")

    with pytest.raises(ProviderDeniedError):
        local_endpoint.invoke(renewed=renewed)


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (401, False)])
def test_health_is_a_200_of_the_health_route(
    local_endpoint: EndpointOnThisMachine, status: int, healthy: bool
) -> None:
    """Sent with our token, because the proxy demands one."""
    local_endpoint.endpoint.script = answers(status, b"Ok")

    assert healthy is local_endpoint.client().healthy(
        an_endpoint(f"{local_endpoint.endpoint.url}/")
    )
    (request,) = local_endpoint.endpoint.requests
    assert ("GET", "/health") == (request.method, request.path)
    assert f"Bearer {TOKEN}" == request.headers["authorization"]


def test_no_answer_is_not_healthy(local_endpoint: EndpointOnThisMachine) -> None:
    """Connections are refused while a model loads."""
    with nobody_listening() as url:
        assert not local_endpoint.client().healthy(an_endpoint(url))


def test_a_hub_source_gets_no_secret(local_endpoint: EndpointOnThisMachine) -> None:
    """The code that would read it is not ours."""
    local_endpoint.endpoint.script = answers(200, ["fine"])

    assert Predictions(["fine"], None) == local_endpoint.invoke_hub_source()
    assert [{"inputs": "A fine day"}] == [
        request.json() for request in local_endpoint.endpoint.requests
    ]


def test_an_input_that_a_hub_source_rejects_is_model_rejected_input(
    local_endpoint: EndpointOnThisMachine,
) -> None:
    """With its own message; a 400 of our handler's container means something else."""
    local_endpoint.endpoint.script = answers(400, {"error": "text too long"})

    with pytest.raises(ModelRejectedInputError, match="text too long"):
        local_endpoint.invoke_hub_source()


@pytest.mark.parametrize(("content", "whole"), [(b"[1]", True), (b'"a"', True), (b"12", False)])
def test_an_answer_without_a_marked_end_shows_it(
    local_endpoint: EndpointOnThisMachine, content: bytes, whole: bool
) -> None:
    """The end of a number could be missing."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.0 200 OK\r\n\r\n" + content)

    local_endpoint.endpoint.script = script
    if whole:
        assert local_endpoint.invoke_hub_source().values in ([1], "a")
    else:
        with pytest.raises(ProviderError):
            local_endpoint.invoke_hub_source()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {"detail": "boom"}, ProviderError),
        (400, {"error": "Bad Request: Invalid state", "code": "BAD_REQUEST"}, ModelNotReadyError),
        (400, {"error": "Bad Request", "code": "BAD_REQUEST"}, ProviderRefusalError),
        (400, b"<html>", ProviderRefusalError),
        (422, {"other": 1}, ProviderRefusalError),
        (503, {"error": "503 Service Unavailable", "code": "X"}, ModelWarmingUpError),
        (429, b"", ProviderRateLimitedError),
        (404, {"error": "Not Found"}, ModelNotReadyError),
        (200, b"", ProviderError),
        (200, b"[NaN]", ProviderError),
        (200, b"[1", ProviderError),
    ],
)
def test_other_failures_are_those_of_our_handler(
    local_endpoint: EndpointOnThisMachine, status: int, body: object, error: type[ServiceError]
) -> None:
    """The proxy in front is the same."""
    local_endpoint.endpoint.script = answers(status, body)

    with pytest.raises(ServiceError) as raised:
        local_endpoint.invoke_hub_source()
    assert error is type(raised.value)


def an_endpoint(url: str) -> Endpoint:
    """Return a running endpoint."""
    return Endpoint(
        name="hokus-iris",
        state=EndpointState.RUNNING,
        url=url,
        message="",
        repository="hokus/hokus-iris",
        revision="a" * 40,
        tags=(),
        access="authenticated",
    )

"""The data plane of Hugging Face, played on this machine, as facts/huggingface.md describes it.

What a provider can do wrong is in tests/faults.
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
from tests.builders import a_live_deployment
from tests.faults.behaviours import answers
from tests.faults.server import FaultServer, Peer, nobody_listening, response

BODY = b'{"inputs": [[5.1]],  "params": {"a": 1}}'
TOKEN = "hf_canary"
ID = a_live_deployment().id
RIGHT = {"ok": True, "deployment_id": ID, "predictions": [1]}


class Scene:
    """An endpoint that answers well, as long as no other script is given, and clients of it."""

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
        """One prediction with a live deployment that has *changes*."""
        deployment = a_live_deployment(**{"endpoint_url": self.endpoint.url, **changes})
        return self.client(token=token, renewed=renewed).invoke(
            deployment, body, deadline=Deadline.after(20)
        )

    def ask_hub_source(self) -> Predictions:
        """One prediction of a model that is served from its Hub source."""
        return self.invoke(b'{"inputs": "A fine day"}', runtime=ModelSource.HUB)


@pytest.fixture
def scene(transport: Transport) -> Iterator[Scene]:
    """Until the test ends."""
    with FaultServer(answers(200, RIGHT)) as server:
        yield Scene(server, transport)


@pytest.mark.parametrize("body", [BODY, b'{"inputs": "%b"}' % (100_000 * b"x")])
def test_the_body_travels_as_it_came_with_the_deployments_secret(scene: Scene, body: bytes) -> None:
    """Byte for byte, small or large, and the token only in the header."""
    assert Predictions([1], ID) == scene.invoke(body)

    (request,) = scene.endpoint.requests
    hokus = json.loads(request.content)["hokus"]
    assert b'{"inputs":%b,"hokus":%b}' % (body, to_json(hokus)) == request.content
    assert "the-deployment-secret" == hokus["secret"]
    assert f"Bearer {TOKEN}" == request.headers["authorization"]
    assert "application/json" == request.headers["content-type"]
    assert ("POST", "/") == (request.method, request.path)


def test_a_secret_that_was_stored_with_a_line_end_is_one(scene: Scene) -> None:
    """A header could not hold it."""
    scene.invoke(token=f"{TOKEN}\n")

    assert f"Bearer {TOKEN}" == scene.endpoint.requests[0].headers["authorization"]


def test_a_secret_that_no_header_can_hold_is_not_quoted(scene: Scene) -> None:
    """Neither in the error nor in what has caused it."""
    with pytest.raises(ProviderError) as raised:
        scene.invoke(token=f"{TOKEN}\r\nX: y")
    assert (None, True) == (raised.value.__cause__, raised.value.__suppress_context__)
    assert TOKEN not in raised.value.detail


def test_without_an_address_there_is_nobody_to_ask(scene: Scene) -> None:
    """The deployment has not come that far."""
    with pytest.raises(ModelNotReadyError):
        scene.invoke(endpoint_url=None)


def test_a_redirect_is_not_followed(scene: Scene) -> None:
    """The token would go wherever it points."""
    scene.endpoint.script = answers(307, Location=f"{scene.endpoint.url}/elsewhere")

    with pytest.raises(ProviderError):
        scene.invoke()
    assert 1 == scene.endpoint.connections


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
    """Whatever the record says; it is not even read."""

    def token() -> str:
        raise AssertionError("read")

    far = HuggingFaceInference(endpoint_domain="endpoints.huggingface.cloud", token=token)

    with pytest.raises(ProviderError, match="not trusted"):
        far.invoke(a_live_deployment(endpoint_url=url), BODY, deadline=Deadline.after(1))
    with pytest.raises(ProviderError, match="not trusted"):
        far.healthy(an_endpoint(url))


def test_an_endpoint_can_be_below_a_path(scene: Scene) -> None:
    """As the local system has them."""
    scene.invoke(endpoint_url=f"{scene.endpoint.url}/endpoints/x/")

    assert "/endpoints/x" == scene.endpoint.requests[0].path


def test_an_answer_names_the_files_that_are_served(scene: Scene) -> None:
    """Those of an endpoint from before it did so are not known."""
    assert Predictions([1], ID, None) == scene.invoke()
    scene.endpoint.script = answers(200, {**RIGHT, "package": "ab"})
    assert Predictions([1], ID, "ab") == scene.invoke()


def test_only_the_models_own_words_are_passed_on(scene: Scene) -> None:
    """As many of them as a person reads."""
    words = 9_000 * "x"
    details = {}
    for kind, error in (
        ("rejected_input", ModelRejectedInputError),
        ("model_error", ModelFailedError),
    ):
        failure = {"type": kind, "message": words}
        scene.endpoint.script = answers(200, {**RIGHT, "ok": False, "error": failure})
        with pytest.raises(error) as raised:
            scene.invoke()
        details[kind] = raised.value.detail

    shown = words[:500]
    assert {"rejected_input": shown, "model_error": f"The model failed: {shown}"} == details


def test_an_answer_of_the_largest_size_is_one(scene: Scene) -> None:
    """A byte more would be too many."""
    empty = len(b'{"ok": true, "deployment_id": "%b", "predictions": ""}' % ID.encode())
    filled = {**RIGHT, "predictions": (6_000_000 - empty) * "x"}
    scene.endpoint.script = answers(200, filled)

    assert filled["predictions"] == scene.invoke().values
    scene.endpoint.script = answers(200, {**filled, "predictions": f"{filled['predictions']}x"})
    with pytest.raises(ProviderError, match="6 MB"):
        scene.invoke()


def letting_in(token: str, *, refusal: int = 401) -> Callable[[Peer], None]:
    """Answers who has *token* and refuses all others, as the proxy does."""

    def script(peer: Peer) -> None:
        while True:
            right = f"Bearer {token}" == peer.read_request().headers["authorization"]
            peer.send(response(200, RIGHT) if right else response(refusal, {"error": "no"}))

    return script


@pytest.mark.parametrize("status", [401, 403])
def test_a_rotated_token_works_at_once(scene: Scene, status: int) -> None:
    """The kept one is refused, the one of now is not."""
    scene.endpoint.script = letting_in("new", refusal=status)

    assert [1] == scene.invoke(token="old", renewed=lambda: "new").values
    assert 2 == len(scene.endpoint.requests)


def test_a_token_that_is_no_other_is_not_sent_again(scene: Scene) -> None:
    """It would be refused again."""
    scene.endpoint.script = letting_in("new")

    with pytest.raises(ProviderDeniedError):
        scene.invoke(token="old", renewed=lambda: "old")
    assert 1 == len(scene.endpoint.requests)


def test_two_tokens_that_are_refused_are_the_end(scene: Scene) -> None:
    """There is no third."""
    scene.endpoint.script = letting_in("another")

    with pytest.raises(ProviderDeniedError) as raised:
        scene.invoke(token="old", renewed=lambda: "new")
    assert 2 == len(scene.endpoint.requests)
    assert not raised.value.retryable


def test_a_token_that_cannot_be_read_anew_changes_nothing(scene: Scene) -> None:
    """The refusal stands."""

    def renewed() -> str:
        raise SecretUnavailableError("token")

    scene.endpoint.script = letting_in("new")

    with pytest.raises(ProviderDeniedError):
        scene.invoke(renewed=renewed)


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (401, False)])
def test_health_is_a_200_of_the_health_route(scene: Scene, status: int, healthy: bool) -> None:
    """Asked with our token, since the proxy lets nobody else through."""
    scene.endpoint.script = answers(status, b"Ok")

    assert healthy is scene.client().healthy(an_endpoint(f"{scene.endpoint.url}/"))
    (request,) = scene.endpoint.requests
    assert ("GET", "/health") == (request.method, request.path)
    assert f"Bearer {TOKEN}" == request.headers["authorization"]


def test_silence_is_not_healthy(scene: Scene) -> None:
    """Refused connections are normal while a model loads."""
    with nobody_listening() as url:
        assert not scene.client().healthy(an_endpoint(url))


def test_a_hub_source_gets_no_secret(scene: Scene) -> None:
    """It is not our code that would read it."""
    scene.endpoint.script = answers(200, ["fine"])

    assert Predictions(["fine"], None) == scene.ask_hub_source()
    assert [{"inputs": "A fine day"}] == [request.json() for request in scene.endpoint.requests]


def test_an_input_that_a_hub_source_cannot_take_is_rejected(scene: Scene) -> None:
    """In its own words; from our handler's container, a 400 is no such thing."""
    scene.endpoint.script = answers(400, {"error": "text too long"})

    with pytest.raises(ModelRejectedInputError, match="text too long"):
        scene.ask_hub_source()


@pytest.mark.parametrize(("content", "whole"), [(b"[1]", True), (b'"a"', True), (b"12", False)])
def test_an_answer_without_a_marked_end_shows_it(scene: Scene, content: bytes, whole: bool) -> None:
    """The rest of a number could be missing."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.0 200 OK\r\n\r\n" + content)

    scene.endpoint.script = script
    if whole:
        assert scene.ask_hub_source().values in ([1], "a")
    else:
        with pytest.raises(ProviderError):
            scene.ask_hub_source()


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
def test_what_is_not_the_inputs_fault_is_as_with_our_handler(
    scene: Scene, status: int, body: object, error: type[ServiceError]
) -> None:
    """The proxy is the same."""
    scene.endpoint.script = answers(status, body)

    with pytest.raises(ServiceError) as raised:
        scene.ask_hub_source()
    assert error is type(raised.value)


def an_endpoint(url: str) -> Endpoint:
    """A running one."""
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

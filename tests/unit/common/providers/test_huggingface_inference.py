"""Predictions and health of an endpoint, as facts/huggingface.md describes them.

Faults of the provider are in tests/faults.
"""

import json

import pytest
from msgspec.json import encode

from functions.common.errors import (
    AnswerTooLargeError,
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ProviderError,
)
from functions.common.payload import MAX_BYTES
from functions.common.providers.base import Predictions
from tests.faults.scripts import answers
from tests.faults.server import Peer, nobody_listening
from tests.unit.common.providers.local_endpoint import (
    BODY,
    ID,
    RIGHT,
    TOKEN,
    LocalEndpoint,
    an_endpoint,
)


@pytest.mark.parametrize("body", [BODY, b'{"inputs": "%b"}' % (100_000 * b"x")])
def test_the_body_is_sent_unchanged_with_the_deployments_secret(
    local_endpoint: LocalEndpoint, body: bytes
) -> None:
    """Byte for byte, whatever its size; the token is in the header only."""
    assert Predictions([1], ID) == local_endpoint.invoke(body)

    (request,) = local_endpoint.endpoint.requests
    hokus = json.loads(request.content)["hokus"]
    assert b'{"inputs":%b,"hokus":%b}' % (body, encode(hokus)) == request.content
    assert "the-deployment-secret" == hokus["secret"]
    assert f"Bearer {TOKEN}" == request.headers["authorization"]
    assert "application/json" == request.headers["content-type"]
    assert ("POST", "/") == (request.method, request.path)


def test_a_deployment_without_an_address_is_not_called(
    local_endpoint: LocalEndpoint,
) -> None:
    """Its endpoint does not exist yet."""
    with pytest.raises(ModelNotReadyError):
        local_endpoint.invoke(endpoint_url=None)


def test_an_endpoint_can_be_below_a_path(local_endpoint: LocalEndpoint) -> None:
    """As in the local system."""
    local_endpoint.invoke(endpoint_url=f"{local_endpoint.endpoint.url}/endpoints/x/")

    assert "/endpoints/x" == local_endpoint.endpoint.requests[0].path


def test_an_answer_names_the_served_package(local_endpoint: LocalEndpoint) -> None:
    """None for an endpoint that is too old to say so."""
    assert Predictions([1], ID, None) == local_endpoint.invoke()
    local_endpoint.endpoint.script = answers(200, {**RIGHT, "package": "ab"})
    assert Predictions([1], ID, "ab") == local_endpoint.invoke()


def test_only_the_models_own_message_is_passed_on(local_endpoint: LocalEndpoint) -> None:
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


def test_an_answer_of_the_maximum_size_is_accepted(local_endpoint: LocalEndpoint) -> None:
    """One byte more is an error."""
    empty = len(b'{"ok": true, "deployment_id": "%b", "predictions": ""}' % ID.encode())
    filled = {**RIGHT, "predictions": (MAX_BYTES - empty) * "x"}
    local_endpoint.endpoint.script = answers(200, filled)

    assert filled["predictions"] == local_endpoint.invoke().values
    local_endpoint.endpoint.script = answers(
        200, {**filled, "predictions": f"{filled['predictions']}x"}
    )
    with pytest.raises(AnswerTooLargeError, match="4 MB"):
        local_endpoint.invoke()


@pytest.mark.parametrize(("content", "whole"), [(b"[1]", True), (b'"a"', True), (b"12", False)])
def test_an_answer_without_a_marked_end_shows_it(
    local_endpoint: LocalEndpoint, content: bytes, whole: bool
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


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (401, False)])
def test_health_is_a_200_of_the_health_route(
    local_endpoint: LocalEndpoint, status: int, healthy: bool
) -> None:
    """Sent with our token, because the proxy demands one."""
    local_endpoint.endpoint.script = answers(status, b"Ok")

    assert healthy is local_endpoint.client().healthy(
        an_endpoint(f"{local_endpoint.endpoint.url}/")
    )
    (request,) = local_endpoint.endpoint.requests
    assert ("GET", "/health") == (request.method, request.path)
    assert f"Bearer {TOKEN}" == request.headers["authorization"]


def test_no_answer_is_not_healthy(local_endpoint: LocalEndpoint) -> None:
    """Connections are refused while a model loads."""
    with nobody_listening() as url:
        assert not local_endpoint.client().healthy(an_endpoint(url))

"""Predictions of an endpoint that runs our own server: the runtime `container`.

Its faults are in tests/faults.
"""

from contextlib import suppress

import pytest

from functions.common.deployments.record import HUB_RUNTIME
from functions.common.errors import (
    ModelFailedError,
    ModelRejectedInputError,
    ProviderDeniedError,
    ServiceError,
)
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.runtimes import CONTAINER
from tests.faults.scripts import answers, of_our_server, right
from tests.unit.common.providers.local_endpoint import BODY, ID, TOKEN, LocalEndpoint

SECRET = "the-deployment-secret"


@pytest.mark.parametrize("body", [BODY, b'{"inputs": "%b"}' % (100_000 * b"x")])
def test_the_body_is_the_callers(local_endpoint: LocalEndpoint, body: bytes) -> None:
    """Byte for byte; secret and nonce are headers, beside the token."""
    local_endpoint.endpoint.script = right

    assert Predictions([1], ID) == local_endpoint.invoke(body, runtime=CONTAINER)

    (request,) = local_endpoint.endpoint.requests
    assert body == request.content
    assert ("POST", "/") == (request.method, request.path)
    assert SECRET == request.headers["x-hokus-secret"]
    assert f"Bearer {TOKEN}" == request.headers["authorization"]


@pytest.mark.parametrize("runtime", ["container", "handler", HUB_RUNTIME])
def test_the_requests_id_goes_along(local_endpoint: LocalEndpoint, runtime: str) -> None:
    """Whatever serves the model: by it a call is found in the endpoint's log."""
    local_endpoint.endpoint.script = answers(500)
    body = b'{"inputs": "A fine day"}'

    with suppress(ServiceError):
        local_endpoint.invoke(body, request_id="r-1", runtime=runtime)

    (request,) = local_endpoint.endpoint.requests
    assert "r-1" == request.headers["x-request-id"]


def test_every_request_has_a_nonce_of_its_own(local_endpoint: LocalEndpoint) -> None:
    """128 random bits."""
    local_endpoint.endpoint.script = right
    for _ in range(3):
        local_endpoint.invoke(runtime=CONTAINER)

    nonces = {request.headers["x-hokus-nonce"] for request in local_endpoint.endpoint.requests}
    assert 3 == len(nonces)
    assert {32} == {len(nonce) for nonce in nonces}


def test_a_refused_secret_renews_no_token(local_endpoint: LocalEndpoint) -> None:
    """The proxy has taken the token; our server has refused."""
    local_endpoint.endpoint.script = of_our_server(403, "forbidden")
    renewals: list[None] = []

    with pytest.raises(ProviderDeniedError):
        local_endpoint.invoke(
            runtime=CONTAINER, renewed=lambda: renewals.append(None) or "hf_another"
        )

    assert [] == renewals


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [(422, "rejected_input", ModelRejectedInputError), (500, "model_error", ModelFailedError)],
)
def test_a_models_message_quotes_no_secret(
    local_endpoint: LocalEndpoint, status: int, kind: str, error: type[ServiceError]
) -> None:
    """Its code has seen the process that both arrive in."""
    message = f"sent {SECRET} and {TOKEN}"
    local_endpoint.endpoint.script = of_our_server(status, kind, message)

    with pytest.raises(error) as raised:
        local_endpoint.invoke(runtime=CONTAINER)

    assert raised.value.detail.endswith("sent … and …")

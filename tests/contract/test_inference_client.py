"""The fake inference client and Hugging Face's behave the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from functions.common.deadline import Deadline
from functions.common.deployments.record import HUB_RUNTIME, Deployment
from functions.common.errors import (
    ConnectionFailedError,
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, EndpointState, InferenceClient, Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.providers.huggingface.runtimes import CONTAINER, TOOLKIT
from functions.common.providers.huggingface.transport import Transport
from functions.common.signatures.body import RequestBody
from tests.builders import a_live_deployment, changed
from tests.fakes.inference_client import FakeInferenceClient
from tests.faults.scripts import answers
from tests.faults.server import FaultServer, Peer, Request, response

BODY = RequestBody.of({"inputs": [[1.5]]})
A_TABLE = RequestBody.of({"dataframe_records": []})
OURS = a_live_deployment(package_digest="ab" * 32)
HUB_SOURCE = a_live_deployment(runtime=HUB_RUNTIME)


MODELS_OWN: dict[type[ServiceError], tuple[int, str]] = {
    ModelRejectedInputError: (422, "rejected_input"),
    ModelFailedError: (500, "model_error"),
}
"""Failures that our code on the endpoint reports: status of our server, and type."""
PROVIDERS_OWN: dict[type[ServiceError], bytes] = {
    ModelWarmingUpError: response(503),
    ModelNotReadyError: response(404),
    ProviderRateLimitedError: response(429),
    ProviderDeniedError: response(403),
    ProviderTimeoutError: response(504),
    PayloadTooLargeError: response(413),
    ProviderError: response(500),
}

type Make = Callable[..., InferenceClient]
"""A client of an endpoint that was made for *made_for* and answers the *script*, call by call."""


class EndpointScript:
    """The answers of an endpoint, as its container and the proxy in front of it give them."""

    def __init__(self, script: tuple[Any, ...], made_for: Deployment, runtime: str) -> None:
        self._script = iter(script)
        self._made_for = made_for
        self._runtime = runtime

    def __call__(self, peer: Peer) -> None:
        while True:
            request = peer.read_request()
            if request.path == "/health":
                peer.send(response(200, b"Ok"))
                continue
            answer = next(self._script)
            if isinstance(answer, ConnectionFailedError):
                return
            if type(answer) in PROVIDERS_OWN:
                peer.send(PROVIDERS_OWN[type(answer)])
            elif self._made_for.package.is_hub_source:
                sent = b"hokus" in request.content.lower()
                peer.send(response(200, "a secret that is not mine" if sent else answer))
            elif self._runtime == CONTAINER:
                peer.send(self._of_server(answer, request))
            else:
                peer.send(self._of_handler(answer, request.json()["hokus"]))

    def _of_server(self, answer: Any, request: Request) -> bytes:
        assert BODY.raw == request.content
        headers = request.headers
        if headers["x-hokus-secret"] != self._made_for.endpoint.secret:
            return response(403, self._envelope(headers["x-hokus-nonce"], error="forbidden"))
        if isinstance(answer, ServiceError):
            status, kind = MODELS_OWN[type(answer)]
            return response(status, self._envelope(headers["x-hokus-nonce"], error=kind))
        return response(200, self._envelope(headers["x-hokus-nonce"], predictions=answer))

    def _of_handler(self, answer: Any, hokus: dict[str, str]) -> bytes:
        nonce = hokus["nonce"]
        if isinstance(answer, ServiceError):
            kind = MODELS_OWN[type(answer)][1]
            return response(200, self._envelope(nonce, ok=False, error=kind))
        right = hokus["secret"] == self._made_for.endpoint.secret
        return response(200, self._envelope(nonce, ok=right, predictions=answer))

    def _envelope(self, nonce: str, *, error: str | None = None, **parts: Any) -> dict[str, Any]:
        return {
            "nonce": nonce,
            "deployment_id": self._made_for.endpoint_deployment_id,
            "package": self._made_for.package.digest,
            **({"error": {"type": error, "message": "x"}} if error else {}),
            **parts,
        }


class OnThisMachine:
    """Hugging Face's client, with one local address for every endpoint."""

    def __init__(self, url: str, transport: Transport, runtime: str) -> None:
        self._client = HuggingFaceInference(
            endpoint_domain="127.0.0.1", token=lambda: "hf_test", transport=transport
        )
        self._url = url
        self._runtime = runtime

    def healthy(self, endpoint: Endpoint) -> bool:
        there = replace(endpoint, url=self._url) if endpoint.url else endpoint
        return self._client.healthy(there)

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        there = changed(deployment, endpoint_url=self._url)
        if not there.package.is_hub_source:
            there = changed(there, runtime=self._runtime)
        return self._client.invoke(there, body, deadline=deadline, request_id=request_id)


def fake(*script: Any, made_for: Deployment = OURS) -> InferenceClient:
    return FakeInferenceClient(
        script=script,
        answers_as=made_for.endpoint_deployment_id,
        package=made_for.package.digest,
    )


@pytest.fixture(params=["fake", CONTAINER, TOOLKIT])
def make(request: pytest.FixtureRequest, transport: Transport) -> Iterator[Make]:
    """The fake, then Hugging Face's with both of its runtimes."""
    if request.param == "fake":
        yield fake
        return
    with ExitStack() as servers:

        def hugging_face(*script: Any, made_for: Deployment = OURS) -> InferenceClient:
            server = FaultServer(EndpointScript(script, made_for, request.param))
            return OnThisMachine(servers.enter_context(server).url, transport, request.param)

        yield hugging_face


def test_an_answer_names_its_deployment_and_package(make: Make) -> None:
    """The deployment that the endpoint was created for, and the files that it serves."""
    answer = make([2]).invoke(OURS, BODY, deadline=Deadline.after(20))

    assert Predictions([2], OURS.id, "ab" * 32) == answer


def test_a_reused_endpoint_names_its_first_deployment(make: Make) -> None:
    """Its environment still has the id of the deployment that it was created for."""
    taken_over = changed(OURS, adopted_from="earlier")

    answer = make([2], made_for=taken_over).invoke(taken_over, BODY, deadline=Deadline.after(20))

    assert "earlier" == answer.deployment_id


def test_an_answer_of_another_deployment_is_not_accepted(make: Make) -> None:
    """An address may have been given to another endpoint."""
    stranger = changed(OURS, id="another")

    with pytest.raises(ProviderError, match="Another deployment"):
        make([2], made_for=stranger).invoke(OURS, BODY, deadline=Deadline.after(20))


def test_the_answer_names_the_files_that_are_served(make: Make) -> None:
    """The served package is passed on, not the requested one."""
    other_files = changed(OURS, package_digest="cd" * 32)

    answer = make([2], made_for=other_files).invoke(OURS, BODY, deadline=Deadline.after(20))

    assert (OURS.id, "cd" * 32) == (answer.deployment_id, answer.package_digest)


def test_a_hub_source_names_no_deployment(make: Make) -> None:
    """The container's own code does not know our ids."""
    answer = make([{"label": "A"}], made_for=HUB_SOURCE).invoke(
        HUB_SOURCE, BODY, deadline=Deadline.after(20)
    )

    assert Predictions([{"label": "A"}], None) == answer


def test_a_hub_source_takes_no_tables(make: Make) -> None:
    """A table is refused before the endpoint is called."""
    client = make([1], made_for=HUB_SOURCE)

    with pytest.raises(ModelRejectedInputError):
        client.invoke(HUB_SOURCE, A_TABLE, deadline=Deadline.after(20))
    assert [1] == client.invoke(HUB_SOURCE, BODY, deadline=Deadline.after(20)).values


@pytest.mark.parametrize("error", [*MODELS_OWN, *PROVIDERS_OWN, ConnectionFailedError])
def test_calls_fail_independently(make: Make, error: type[ServiceError]) -> None:
    """Each call answers or raises by itself."""
    client = make([1], error("x"), [3])

    assert [1] == client.invoke(OURS, BODY, deadline=Deadline.after(20)).values
    with pytest.raises(ServiceError) as raised:
        client.invoke(OURS, BODY, deadline=Deadline.after(20))
    assert error is type(raised.value)
    assert [3] == client.invoke(OURS, BODY, deadline=Deadline.after(20)).values


@pytest.mark.parametrize(
    ("url", "healthy"), [("https://a.endpoints.huggingface.cloud", True), (None, False)]
)
def test_health_needs_an_address(make: Make, url: str | None, healthy: bool) -> None:
    """An endpoint without an address cannot be healthy."""
    endpoint = Endpoint(
        name="hokus-iris",
        state=EndpointState.RUNNING,
        url=url,
        message="",
        repository="hokus/hokus-iris",
        revision="a" * 40,
        tags=(),
    )

    assert healthy is make().healthy(endpoint)


@pytest.mark.parametrize("runtime", [CONTAINER, TOOLKIT])
@pytest.mark.parametrize("nonce", ["another", 1, None])
def test_an_answer_to_another_request_is_refused(
    transport: Transport, nonce: Any, runtime: str
) -> None:
    """Each request has its own nonce, which the answer must repeat."""
    envelope = {"ok": True, "deployment_id": OURS.id, "predictions": [1], "nonce": nonce}
    with FaultServer(answers(200, envelope)) as server:
        client = HuggingFaceInference(
            endpoint_domain="127.0.0.1", token=lambda: "hf_test", transport=transport
        )
        there = changed(OURS, endpoint_url=server.url, runtime=runtime)

        with pytest.raises(ProviderError, match="another request"):
            client.invoke(there, BODY, deadline=Deadline.after(20))

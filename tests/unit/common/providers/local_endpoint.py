"""A Hugging Face endpoint on this machine, and the client under test."""

from collections.abc import Callable

from functions.common.deadline import Deadline
from functions.common.deployments.record import HUB_RUNTIME
from functions.common.providers.base import Endpoint, EndpointState, Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.providers.huggingface.transport import Transport
from tests.builders import a_live_deployment, body_of
from tests.faults.server import FaultServer, Peer, response

BODY = b'{"inputs": [[5.1]],  "params": {"a": 1}}'
TOKEN = "hf_canary"
ID = a_live_deployment().id
RIGHT = {"ok": True, "deployment_id": ID, "predictions": [1]}


class LocalEndpoint:
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
        request_id: str | None = None,
        **changes: object,
    ) -> Predictions:
        """Send one prediction to a live deployment with *changes*."""
        deployment = a_live_deployment(**{"endpoint_url": self.endpoint.url, **changes})
        return self.client(token=token, renewed=renewed).invoke(
            deployment, body_of(body), deadline=Deadline.after(20), request_id=request_id
        )

    def invoke_hub_source(self) -> Predictions:
        """Send one prediction to a model that is served from its Hub source."""
        return self.invoke(b'{"inputs": "A fine day"}', runtime=HUB_RUNTIME)


def accepting_token(token: str, *, refusal: int = 401) -> Callable[[Peer], None]:
    """Return a script that answers requests with *token* and refuses others, as the proxy does."""

    def script(peer: Peer) -> None:
        while True:
            right = f"Bearer {token}" == peer.read_request().headers["authorization"]
            peer.send(response(200, RIGHT) if right else response(refusal, {"error": "no"}))

    return script


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
    )

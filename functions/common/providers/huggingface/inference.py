"""`InferenceClient` over the data plane of Hugging Face Inference Endpoints; see `payloads`."""

import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

from functions.common.deployments.record import Deployment, Runtime
from functions.common.errors import (
    ModelNotReadyError,
    ModelWarmingUpError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitedError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, Predictions
from functions.common.providers.huggingface.payloads import (
    from_handler,
    from_hub_source,
    json_of,
    rejection_by_hub_source,
    to_handler,
    to_hub_source,
)

CONNECT_TIMEOUT_S = 3.0
HEALTH_TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 6_000_000
"""A Lambda function cannot return more: 6 MB for request and for response."""
_STARTING = {502, 503}
"""Since July 2025 the proxy says 503 while no replica is ready; before, it said 502."""
_LOOPBACK = "127.0.0.1"


class HuggingFaceInference:
    """Calls endpoints with our token over kept-alive connections; follows no redirect.

    The token is sent only to https addresses under *endpoint_domain*, or to this machine when
    that is the domain.
    """

    def __init__(
        self,
        *,
        endpoint_domain: str,
        token: Callable[[], str],
        client: httpx.Client | None = None,
    ) -> None:
        self._domain = endpoint_domain
        self._token = token
        self._client = client or httpx.Client(
            # One request at a time is all that a Lambda environment handles.
            limits=httpx.Limits(max_connections=4, keepalive_expiry=60),
            # A new connection is safe to try again: nothing has been sent yet.
            transport=httpx.HTTPTransport(retries=1),
        )

    def healthy(self, endpoint: Endpoint) -> bool:
        if endpoint.url is None:
            return False
        url = self._trusted(endpoint.url) + endpoint.health_route
        with suppress(httpx.HTTPError):
            answer = self._client.get(url, headers=self._headers(), timeout=HEALTH_TIMEOUT_S)
            return answer.status_code == httpx.codes.OK
        return False

    def invoke(self, deployment: Deployment, body: bytes, *, timeout_s: float) -> Predictions:
        if deployment.endpoint_url is None:
            raise ModelNotReadyError("The model has no endpoint.")
        url = self._trusted(deployment.endpoint_url)
        if deployment.runtime is Runtime.HUB:
            return self._ask_hub_source(url, body, timeout_s=timeout_s)
        status, content = self._post(url, to_handler(body, deployment), timeout_s=timeout_s)
        if status != httpx.codes.OK:
            raise _refusal(status, content)
        return from_handler(content)

    def _ask_hub_source(self, url: str, body: bytes, *, timeout_s: float) -> Predictions:
        status, content = self._post(url, to_hub_source(body), timeout_s=timeout_s)
        if status != httpx.codes.OK:
            raise rejection_by_hub_source(status, content) or _refusal(status, content)
        return from_hub_source(content)

    def _post(self, url: str, content: bytes, *, timeout_s: float) -> tuple[int, bytes]:
        """Status and whole body within *timeout_s*.

        httpx bounds every wait, not their sum: connecting and silence share the time, and an
        answer that trickles in is given up with the first part that comes too late.
        """
        deadline = time.monotonic() + timeout_s
        connect_s = min(CONNECT_TIMEOUT_S, timeout_s / 2)
        timeout = httpx.Timeout(timeout_s - connect_s, connect=connect_s)
        headers = self._headers() | {"Content-Type": "application/json"}
        received = bytearray()
        try:
            with self._client.stream(
                "POST", url, content=content, headers=headers, timeout=timeout
            ) as answer:
                for chunk in answer.iter_bytes():
                    received += chunk
                    if time.monotonic() > deadline:
                        raise ProviderTimeoutError("The model's answer took too long.")
                    if len(received) > MAX_ANSWER_BYTES:
                        raise ProviderError("The model's answer is larger than 6 MB.")
                return answer.status_code, bytes(received)
        except httpx.TimeoutException as error:
            raise ProviderTimeoutError("The model did not answer in time.") from error
        except httpx.HTTPError as error:
            raise ProviderError("The connection to the model failed.") from error

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    def _trusted(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        ours = host == self._domain or host.endswith(f".{self._domain}")
        if not ours or (parts.scheme != "https" and host != _LOOPBACK):
            raise ProviderError("The model's endpoint has an address that is not trusted.")
        return url.rstrip("/")


def _refusal(status: int, content: bytes) -> ServiceError:
    """What an answer other than 200 means to the caller of our API."""
    if status in _STARTING:
        return ModelWarmingUpError("The model is starting. Try again soon.")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError("The model's provider limits the rate of requests.")
    if status == httpx.codes.NOT_FOUND or _is_paused(status, content):
        return ModelNotReadyError("The model's endpoint is paused or gone.")
    return ProviderError(f"The model's provider answered with status {status}.")


def _is_paused(status: int, content: bytes) -> bool:
    if status != httpx.codes.BAD_REQUEST:
        return False
    match json_of(content):
        case {"code": "BAD_REQUEST", "error": str(message)}:
            return "paused" in message or "Invalid state" in message
    return False

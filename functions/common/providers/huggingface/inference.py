"""`InferenceClient` over the data plane of Hugging Face Inference Endpoints; see `payloads`."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment, ModelSource
from functions.common.errors import (
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ProviderError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, Predictions
from functions.common.providers.huggingface.payloads import (
    from_handler,
    from_hub_source,
    rejection_by_hub_source,
    to_handler,
    to_hub_source,
)
from functions.common.providers.huggingface.refusals import DENIED, refusal
from functions.common.providers.huggingface.transport import Answer, Headers, Target, Transport
from functions.common.secrets import SecretUnavailableError

HEALTH_TIMEOUT_S = 5.0
_LOOPBACK = "127.0.0.1"
_PORTS = {"https": 443, "http": 80}


class HuggingFaceInference:
    """Calls endpoints with our token over kept-alive connections; follows no redirect.

    The token is sent only to https addresses under *endpoint_domain*, or to this machine when
    that is the domain. When the provider does not accept it, *renewed_token* is asked for the one
    of now, and the call is made once more if that is another one.
    """

    def __init__(
        self,
        *,
        endpoint_domain: str,
        token: Callable[[], str],
        renewed_token: Callable[[], str] | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._domain = endpoint_domain
        self._token = token
        self._renewed_token = renewed_token or token
        self._transport = transport or Transport()

    def healthy(self, endpoint: Endpoint) -> bool:
        if endpoint.url is None:
            return False
        target = _target(endpoint.url.rstrip("/") + endpoint.health_route, self._domain)
        deadline = time.monotonic() + HEALTH_TIMEOUT_S
        with suppress(ServiceError):
            answer = self._transport.get(target, _headers(self._token()), deadline=deadline)
            return answer.status == HTTPStatus.OK
        return False

    def invoke(self, deployment: Deployment, body: bytes, *, deadline: Deadline) -> Predictions:
        try:
            return self._invoke(deployment, body, deadline.at_s)
        except (ModelRejectedInputError, ModelFailedError) as error:
            # A model's own words reach the caller, and its code has seen what we sent.
            for secret in filter(None, (self._token().strip(), deployment.endpoint_secret)):
                error.detail = error.detail.replace(secret, "…")
            raise

    def _invoke(self, deployment: Deployment, body: bytes, deadline: float) -> Predictions:
        if deployment.endpoint_url is None:
            raise ModelNotReadyError("The model has no endpoint.")
        target = _target(deployment.endpoint_url, self._domain)
        if deployment.runtime is ModelSource.HUB:
            return self._ask_hub_source(target, body, deadline)
        answer = self._post(target, to_handler(body, deployment), deadline)
        if answer.status != HTTPStatus.OK:
            raise refusal(answer)
        return from_handler(answer.content, deployment)

    def _ask_hub_source(self, target: Target, body: bytes, deadline: float) -> Predictions:
        answer = self._post(target, (to_hub_source(body),), deadline)
        if answer.status != HTTPStatus.OK:
            raise rejection_by_hub_source(answer.status, answer.content) or refusal(answer)
        return from_hub_source(answer.content)

    def _post(self, target: Target, content: Sequence[bytes], deadline: float) -> Answer:
        token = self._token()
        answer = self._transport.post(target, _headers(token), content, deadline=deadline)
        if answer.status in DENIED:
            with suppress(SecretUnavailableError):
                renewed = self._renewed_token()
                if renewed != token:
                    headers = _headers(renewed)
                    return self._transport.post(target, headers, content, deadline=deadline)
        return answer


def _headers(token: str) -> Headers:
    """A secret is easily stored with the end of its line."""
    return [
        (b"Authorization", b"Bearer " + token.strip().encode()),
        (b"Content-Type", b"application/json"),
    ]


@lru_cache(maxsize=512)
def _target(url: str, domain: str) -> Target:
    """Raises: ProviderError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _not_trusted() from None
    ours = host == domain or host.endswith(f".{domain}")
    encrypted = parts.scheme == "https" or (parts.scheme, host) == ("http", _LOOPBACK)
    if not (ours and encrypted and url.isascii() and "@" not in parts.netloc):
        raise _not_trusted()
    origin = (parts.scheme, host, port or _PORTS[parts.scheme])
    named = host if port is None else f"{host}:{port}"
    return Target(origin, named.encode(), (parts.path.rstrip("/") or "/").encode())


def _not_trusted() -> ProviderError:
    return ProviderError("The model's endpoint has an address that is not trusted.")

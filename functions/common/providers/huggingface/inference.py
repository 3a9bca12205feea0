"""`InferenceClient` over the data plane of Hugging Face Inference Endpoints; see `payloads`."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ProviderError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, Predictions
from functions.common.providers.huggingface.envelopes import envelope_of, from_server, to_server
from functions.common.providers.huggingface.payloads import (
    from_handler,
    from_hub_source,
    rejection_by_hub_source,
    to_handler,
    to_hub_source,
)
from functions.common.providers.huggingface.response_errors import DENIED, error_from_response
from functions.common.providers.huggingface.runtimes import CONTAINER
from functions.common.providers.huggingface.transport import Headers, Response, Transport
from functions.common.secrets import SecretUnavailableError, blotted
from functions.common.signatures.body import RequestBody

HEALTH_TIMEOUT_S = 5.0
_LOOPBACK = "127.0.0.1"
_NONCE_BYTES = 16


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

    def close(self) -> None:
        """Close idle connections."""
        self._transport.close()

    def healthy(self, endpoint: Endpoint) -> bool:
        if endpoint.url is None:
            return False
        url = _trusted(endpoint.url.rstrip("/") + endpoint.health_route, self._domain)
        deadline = Deadline.after(HEALTH_TIMEOUT_S)
        with suppress(ServiceError):
            response = self._transport.get(url, _headers(self._token()), deadline=deadline)
            return response.status == HTTPStatus.OK
        return False

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        try:
            return self._invoke(deployment, body, deadline, _identifying(request_id))
        except (ModelRejectedInputError, ModelFailedError) as error:
            # A model's own message reaches the caller, and its code has seen what we sent.
            error.detail = blotted(error.detail, self._token(), deployment.endpoint.secret)
            raise

    def _invoke(
        self, deployment: Deployment, body: RequestBody, deadline: Deadline, more: Headers
    ) -> Predictions:
        if deployment.endpoint.url is None:
            raise ModelNotReadyError("The model has no endpoint.")
        url = _trusted(deployment.endpoint.url, self._domain)
        if deployment.package.is_hub_source:
            return self._invoke_hub_source(url, body, deadline, more)
        nonce = secrets.token_hex(_NONCE_BYTES)
        if deployment.package.runtime == CONTAINER:
            headers = to_server(deployment, nonce=nonce)
            response = self._post(url, body.raw, deadline, headers | more)
            return from_server(response, deployment, nonce=nonce)
        response = self._post(url, to_handler(body.raw, deployment, nonce=nonce), deadline, more)
        if response.status != HTTPStatus.OK:
            raise error_from_response(response)
        return from_handler(response.content, deployment, nonce=nonce)

    def _invoke_hub_source(
        self, url: str, body: RequestBody, deadline: Deadline, more: Headers
    ) -> Predictions:
        response = self._post(url, to_hub_source(body.whole), deadline, more)
        if response.status != HTTPStatus.OK:
            rejection = rejection_by_hub_source(response.status, response.content)
            raise rejection or error_from_response(response)
        return from_hub_source(response.content)

    def _post(self, url: str, content: bytes, deadline: Deadline, more: Headers) -> Response:
        token = self._token()
        headers = _headers(token) | more
        response = self._transport.post(url, headers, content, deadline=deadline)
        if response.status in DENIED and envelope_of(response.content) is None:
            with suppress(SecretUnavailableError):
                renewed = self._renewed_token()
                if renewed != token:
                    headers |= _headers(renewed)
                    return self._transport.post(url, headers, content, deadline=deadline)
        return response


def _headers(token: str) -> Headers:
    """Return the headers of every request."""
    return {
        "Accept-Encoding": "identity",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
    }


def _identifying(request_id: str | None) -> Headers:
    """Return the header by which a request is found in the endpoint's log, and in its answer."""
    return {"X-Request-Id": request_id} if request_id else {}


@lru_cache(maxsize=512)
def _trusted(url: str, domain: str) -> str:
    """Return *url* if our token may be sent there.

    Raises: ProviderError.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise _not_trusted() from None
    ours = host == domain or host.endswith(f".{domain}")
    encrypted = parts.scheme == "https" or (parts.scheme, host) == ("http", _LOOPBACK)
    can_be_sent = url.isascii() and url.isprintable() and " " not in url
    if not (ours and encrypted and can_be_sent and "@" not in parts.netloc):
        raise _not_trusted()
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/'}"


def _not_trusted() -> ProviderError:
    return ProviderError("The model's endpoint has an address that is not trusted.")

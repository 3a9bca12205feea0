"""`EndpointControl` over the control API of Hugging Face Inference Endpoints, version 2.

A few small JSON calls; `huggingface_hub`, which wraps them, has no time-outs and lists only the
first page. Source: https://api.endpoints.huggingface.cloud (OpenAPI document at its root).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx

from functions.common.providers.base import (
    NO_CREDITS,
    Endpoint,
    EndpointExistsError,
    EndpointSpec,
    ProviderControlError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from functions.common.providers.echo import differences
from functions.common.providers.huggingface.endpoint_documents import (
    asked_of,
    create_body,
    endpoint_of,
)
from functions.common.secrets import blotted

TIMEOUT = httpx.Timeout(10, connect=3)
_MESSAGE_CHARACTERS = 300
_PAGE = 100

_ERRORS: dict[int, type[ProviderControlError]] = {
    400: ProviderRefusedError,
    401: ProviderRefusedError,
    402: ProviderRefusedError,
    403: ProviderRefusedError,
    404: ProviderRefusedError,
    409: EndpointExistsError,
    422: ProviderRefusedError,
}
"""Every other failure (408, 429, 5xx) passes with time: ProviderUnavailableError."""

_ACCOUNT = {401, 402, 403}
"""Statuses of refusals that concern the token or the account."""


class HuggingFaceControl:
    """See `EndpointControl`; works within one namespace with a token that may manage endpoints."""

    def __init__(
        self,
        *,
        api_url: str,
        hub_url: str,
        namespace: str,
        token: Callable[[], str],
        client: httpx.Client | None = None,
    ) -> None:
        self._endpoints = f"{api_url.rstrip('/')}/v2/endpoint/{quote(namespace, safe='')}"
        self._hub = hub_url.rstrip("/")
        self._token = token
        self._client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def create(self, spec: EndpointSpec) -> Endpoint:
        answer = self._send("POST", self._endpoints, body=create_body(spec))
        return _endpoint(answer)

    def differences(self, endpoint: Endpoint, spec: EndpointSpec) -> list[str]:
        return differences(asked_of(spec), endpoint.echo)

    def describe(self, name: str) -> Endpoint | None:
        answer = self._send("GET", self._url(name))
        return None if _is_missing(answer) else _endpoint(answer)

    def tagged(self, tag: str) -> list[Endpoint]:
        # The filter in the query only saves pages: what is not ours must never come out of here.
        ours = [endpoint_of(each) for each in self._listed(tag) if tag in (each.get("tags") or ())]
        # A page that shifts shows an endpoint twice.
        return list({each.name: each for each in ours}.values())

    def resume(self, name: str) -> None:
        answer = self._send("POST", f"{self._url(name)}/resume")
        if not _is_missing(answer) and not _is_running_already(answer):
            _accepted(answer)

    def pause(self, name: str) -> None:
        self._stop(name, "pause")

    def scale_to_zero(self, name: str) -> None:
        self._stop(name, "scale-to-zero")

    def _stop(self, name: str, verb: str) -> None:
        answer = self._send("POST", f"{self._url(name)}/{verb}")
        # The API refuses with 400 what is not running, in words of its own.
        if answer.status_code not in {httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST}:
            _accepted(answer)

    def delete(self, name: str) -> None:
        answer = self._send("DELETE", self._url(name))
        if not _is_missing(answer):
            _accepted(answer)

    def delete_repository(self, repository: str) -> None:
        owner, _, name = repository.partition("/")
        body = {"name": name, "organization": owner, "type": "model"}
        answer = self._send("DELETE", f"{self._hub}/api/repos/delete", body=body)
        if not _is_missing(answer):
            _accepted(answer)

    def _listed(self, tag: str) -> Iterator[dict[str, Any]]:
        """Every page's documents; a deletion between two pages may push one out of sight."""
        query: dict[str, str] = {"tags": tag, "limit": str(_PAGE)}
        while True:
            match _accepted(self._send("GET", self._endpoints, params=query)):
                case {"items": list(items), **rest}:
                    yield from (each for each in items if isinstance(each, dict))
                case _:
                    raise ProviderUnavailableError("Hugging Face's answer is not a list.")
            cursor = rest.get("nextCursor")
            if not cursor or cursor == query.get("cursor"):
                return
            query["cursor"] = str(cursor)

    def _url(self, name: str) -> str:
        return f"{self._endpoints}/{quote(name, safe='')}"

    def _send(
        self, method: str, url: str, *, body: Any = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        try:
            return self._client.request(
                method, url, json=body, params=params, headers=headers, timeout=TIMEOUT
            )
        except httpx.HTTPError as error:
            raise ProviderUnavailableError(
                f"Hugging Face could not be reached ({type(error).__name__})."
            ) from None


def _endpoint(answer: httpx.Response) -> Endpoint:
    """Return the endpoint in *answer*; its message is the end of its log, where the model's code
    may have written what it was sent."""
    endpoint = endpoint_of(_accepted(answer))
    return replace(endpoint, message=blotted(endpoint.message, *_secrets_sent(answer.request)))


def _is_missing(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.NOT_FOUND


def _is_running_already(answer: httpx.Response) -> bool:
    """Return whether the API refused to resume an endpoint that is not paused.

    Source: https://github.com/huggingface/huggingface_hub/pull/2335
    """
    refused = answer.status_code == httpx.codes.BAD_REQUEST
    return refused and "already running" in _message(answer)


def _accepted(answer: httpx.Response) -> Any:
    """The JSON of a successful answer; None when it has no readable body.

    A create answers 200, in 2023 202. Raises: the error that the status stands for.
    """
    if not answer.is_success:
        message = f"Hugging Face answered {answer.status_code}: {_message(answer)}"
        error = _ERRORS.get(answer.status_code, ProviderUnavailableError)
        if error is ProviderRefusedError:
            may_pass = _may_pass(answer.status_code, message)
            if _is_for_want_of_credits(answer.status_code, message):
                message = f"{message} {NO_CREDITS}"
            raise ProviderRefusedError(message, may_pass=may_pass)
        raise error(message)
    return _json(answer)


def _may_pass(status: int, message: str) -> bool:
    """Return whether the token, the account or the room is at fault, not the request itself."""
    words = message.lower()
    return status in _ACCOUNT or "quota" in words or "capacity" in words


def _is_for_want_of_credits(status: int, message: str) -> bool:
    """Return whether the account cannot pay: 402, or 403 with these words.

    Source: `Payment method required for namespace`, seen in October 2026 with status 403
    """
    return status == httpx.codes.PAYMENT_REQUIRED or (
        status == httpx.codes.FORBIDDEN and "payment" in message.lower()
    )


def _message(answer: httpx.Response) -> str:
    """Return the provider's own words, which may repeat what was sent, without secrets."""
    match _json(answer):
        case {"error": str(message)}:
            words = message
        case _:
            words = answer.text or "no explanation"
    return blotted(words, *_secrets_sent(answer.request))[:_MESSAGE_CHARACTERS]


def _secrets_sent(request: httpx.Request) -> Iterator[str]:
    yield request.headers["Authorization"].removeprefix("Bearer ")
    match json.loads(request.content or b"null"):
        case {"model": {"secrets": dict(secrets)}}:
            yield from secrets.values()


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None

"""`EndpointControl` over the control API of Hugging Face Inference Endpoints, version 2.

A few small JSON calls; `huggingface_hub`, which wraps them, has no time-outs and lists only the
first page. Source: https://api.endpoints.huggingface.cloud (OpenAPI document at its root).
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from functions.common.providers.base import (
    Endpoint,
    EndpointExistsError,
    EndpointSpec,
    EndpointState,
    Hardware,
    ProviderControlError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

TIMEOUT = httpx.Timeout(10, connect=3)
_MESSAGE_CHARACTERS = 300
_PAGE = 100
_OUR_TASK = "custom"

_STATES = {
    "running": EndpointState.RUNNING,
    "scaledToZero": EndpointState.ASLEEP,
    "paused": EndpointState.PAUSED,
    "failed": EndpointState.FAILED,
    "updateFailed": EndpointState.FAILED,
}
"""Every other state, those not yet invented among them, is on its way to one of these."""

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
        answer = self._send("POST", self._endpoints, json=_payload(spec))
        return _endpoint(_accepted(answer))

    def describe(self, name: str) -> Endpoint | None:
        answer = self._send("GET", self._url(name))
        return None if _is_missing(answer) else _endpoint(_accepted(answer))

    def tagged(self, tag: str) -> list[Endpoint]:
        # The filter in the query only saves pages: what is not ours must never come out of here.
        ours = [_endpoint(each) for each in self._listed(tag) if tag in (each.get("tags") or ())]
        # A page that shifts shows an endpoint twice.
        return list({each.name: each for each in ours}.values())

    def resume(self, name: str) -> None:
        answer = self._send("POST", f"{self._url(name)}/resume")
        if not _is_missing(answer) and not _is_running_already(answer):
            _accepted(answer)

    def delete(self, name: str) -> None:
        answer = self._send("DELETE", self._url(name))
        if not _is_missing(answer):
            _accepted(answer)

    def delete_repository(self, repository: str) -> None:
        owner, _, name = repository.partition("/")
        body = {"name": name, "organization": owner, "type": "model"}
        answer = self._send("DELETE", f"{self._hub}/api/repos/delete", json=body)
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
        self, method: str, url: str, *, json: Any = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        try:
            return self._client.request(
                method, url, json=json, params=params, headers=headers, timeout=TIMEOUT
            )
        except httpx.HTTPError as error:
            raise ProviderUnavailableError(
                f"Hugging Face could not be reached ({type(error).__name__})."
            ) from error


def _payload(spec: EndpointSpec) -> dict[str, Any]:
    """The body of a create; without nulls, which the API refuses in some places."""
    on = spec.hardware
    scaling: dict[str, Any] = {"minReplica": on.min_replicas, "maxReplica": on.max_replicas}
    if on.scale_to_zero_after_min is not None:
        scaling["scaleToZeroTimeout"] = on.scale_to_zero_after_min
    return {
        "name": spec.name,
        "type": spec.access,
        "provider": {"vendor": on.vendor, "region": on.region},
        "compute": {
            "accelerator": "cpu",
            "instanceType": on.instance_type,
            "instanceSize": on.instance_size,
            "scaling": scaling,
        },
        "model": {
            "repository": spec.repository,
            "revision": spec.revision,
            "framework": "custom" if spec.task is None else "pytorch",
            "task": _OUR_TASK if spec.task is None else _task(spec.task),
            "image": {"huggingface": {}},
            "env": dict(spec.env),
            "secrets": dict(spec.secrets),
        },
        "tags": list(spec.tags),
    }


def _task(task: str) -> str:
    """Hugging Face's name: transformers writes languages into its own, `translation_en_to_fr`."""
    return "translation" if task.startswith("translation_") else task


def _is_missing(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.NOT_FOUND


def _is_running_already(answer: httpx.Response) -> bool:
    """Return whether the API refused to resume an endpoint that is not paused.

    Source: https://github.com/huggingface/huggingface_hub/pull/2335
    """
    refused = answer.status_code == httpx.codes.BAD_REQUEST
    return refused and "already running" in _words(answer)


def _accepted(answer: httpx.Response) -> Any:
    """The JSON of a successful answer; None when it has no readable body.

    A create answers 200, in 2023 202. Raises: the error that the status stands for.
    """
    if not answer.is_success:
        error = _ERRORS.get(answer.status_code, ProviderUnavailableError)
        raise error(f"Hugging Face answered {answer.status_code}: {_words(answer)}")
    return _json(answer)


def _words(answer: httpx.Response) -> str:
    match _json(answer):
        case {"error": str(words)}:
            return words[:_MESSAGE_CHARACTERS]
    return answer.text[:_MESSAGE_CHARACTERS] or "no explanation"


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _endpoint(document: Any) -> Endpoint:
    """Tolerant of what is absent, except the name: an answer without one is not an endpoint."""
    match document:
        case {"name": str(name), "status": dict(status), "model": dict(model)}:
            return Endpoint(
                name=name,
                state=_STATES.get(status.get("state", ""), EndpointState.STARTING),
                url=status.get("url") or None,
                message=str(status.get("errorMessage") or status.get("message") or ""),
                repository=str(model.get("repository") or ""),
                revision=str(model.get("revision") or ""),
                tags=tuple(document.get("tags") or ()),
                access=str(document.get("type") or ""),
                health_route=str(document.get("healthRoute") or "/health"),
                created_at=_moment(status.get("createdAt")),
                hardware=_hardware(document),
            )
    raise ProviderUnavailableError("Hugging Face's answer does not describe an endpoint.")


def _moment(text: Any) -> datetime | None:
    """RFC 3339 with up to nine fractional digits, of which six are kept."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _hardware(document: dict[str, Any]) -> Hardware | None:
    """Return the hardware; None unless the response has all of it."""
    match document:
        case {
            "provider": {"vendor": str(vendor), "region": str(region)},
            "compute": {
                "instanceType": str(instance_type),
                "instanceSize": str(instance_size),
                "scaling": {"minReplica": int(least), "maxReplica": int(most), **scaling},
            },
        }:
            idle_min = scaling.get("scaleToZeroTimeout")
            return Hardware(
                vendor=vendor,
                region=region,
                instance_type=instance_type,
                instance_size=instance_size,
                min_replicas=least,
                max_replicas=most,
                scale_to_zero_after_min=idle_min if isinstance(idle_min, int) else None,
            )
    return None

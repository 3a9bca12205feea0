"""`EndpointLogs` over the control API of Hugging Face Inference Endpoints.

By urllib3, which botocore brings to every bundle. Source:
https://api.endpoints.huggingface.cloud (`GET /v2/endpoint/{namespace}/{name}/logs`: text, a line
each, mostly as `- <time> <what was written>`; with `follow` it does not end).
"""

import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import urllib3

from functions.common.providers.base import ProviderRefusedError, ProviderUnavailableError
from functions.common.providers.endpoint_logs import MAX_LOG_BYTES
from functions.common.trust import system_trust

_MOST_LINES = 5_000
_LONGEST_LINE = 4_000
_TIMEOUT = urllib3.Timeout(connect=3, read=5)
_LONGEST_S = 8
"""Of the whole answer, which could come forever, a little at a time."""
_CHUNK_BYTES = 64 * 1024
_OK, _BAD_REQUEST, _NOT_FOUND, _TOO_MANY, _SERVER_ERROR = 200, 400, 404, 429, 500


class HuggingFaceLogs:
    """See `EndpointLogs`; reading needs a token that may read endpoints."""

    def __init__(self, *, api_url: str, namespace: str, token: Callable[[], str]) -> None:
        self._endpoints = f"{api_url.rstrip('/')}/v2/endpoint/{quote(namespace, safe='')}"
        self._token = token
        self._pool = urllib3.PoolManager(ssl_context=system_trust(), retries=False)

    def read(self, name: str) -> str:
        url = f"{self._endpoints}/{quote(name, safe='')}/logs"
        headers = {"Authorization": f"Bearer {self._token()}"}
        fields = {"tail": str(_MOST_LINES), "line_max_length": str(_LONGEST_LINE)}
        try:
            response = self._pool.request(
                "GET",
                url,
                fields=fields,
                headers=headers,
                timeout=_TIMEOUT,
                redirect=False,
                preload_content=False,
            )
            with response:
                content = _end_of(response.stream(_CHUNK_BYTES)) if response.status == _OK else b""
        except urllib3.exceptions.HTTPError as error:
            raise ProviderUnavailableError(
                f"Hugging Face could not be asked for a log ({type(error).__name__})."
            ) from None
        # It refuses with 400 what has no container.
        if response.status not in {_OK, _BAD_REQUEST, _NOT_FOUND}:
            raise _failure(response.status)
        return content.decode(errors="replace")


def _end_of(chunks: Iterator[bytes]) -> bytes:
    """Return the end of what comes in time, beginning with a whole line."""
    until = time.monotonic() + _LONGEST_S
    kept, cut = b"", False
    for chunk in chunks:
        cut = cut or len(kept) + len(chunk) > MAX_LOG_BYTES
        kept = (kept + chunk)[-MAX_LOG_BYTES:]
        if time.monotonic() > until:
            break
    return kept.partition(b"\n")[2] or kept if cut else kept


def _failure(status: int) -> ProviderUnavailableError | ProviderRefusedError:
    passes = status == _TOO_MANY or status >= _SERVER_ERROR
    kind = ProviderUnavailableError if passes else ProviderRefusedError
    return kind(f"Hugging Face answered {status} to a request for a log.")

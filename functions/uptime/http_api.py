"""`PredictionApi` over HTTP, by the standard library, as predictions travel
(docs/decisions/0019-predictions-travel-over-http-client.md)."""

import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from urllib.parse import urlsplit

from functions.common.api.addresses import links
from functions.common.deadline import Deadline
from functions.common.payload import MAX_BYTES
from functions.common.trust import system_trust
from functions.uptime.api import ApiAnswer, ApiTimeoutError, NoAnswerError, NotHttpError

TIMEOUT_S = 30.0
"""API Gateway answers within 29 s, with an error if need be."""
MAX_ANSWER_BYTES = 2 * MAX_BYTES
_CHUNK_BYTES = 65_536


class HttpPredictionApi:
    """Calls the API at *api_url*, which ends in `/api/v1`; each call has a connection of its own.

    A call takes *timeout_s* in all, whatever the pieces in which its answer comes.
    """

    def __init__(
        self,
        api_url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._timeout_s = timeout_s
        self._monotonic = monotonic

    def predict(self, model_id: str, body: bytes, *, key: str) -> ApiAnswer:
        deadline = Deadline.after(self._timeout_s, clock=self._monotonic)
        url = urlsplit(links(self._api_url, model_id)["predict"])
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "hokus-uptime",
        }
        try:
            with closing(_connection(url.scheme, url.netloc, self._timeout_s)) as connection:
                connection.request("POST", url.path, body, headers)
                # The response goes on with it when it ends the connection.
                sock = connection.sock
                response = connection.getresponse()
                content = _read(response, sock, deadline)
                request_id = response.headers.get("X-Request-Id")
                return ApiAnswer(status=response.status, content=content, request_id=request_id)
        except TimeoutError:
            raise ApiTimeoutError from None
        except OSError:
            raise NoAnswerError from None
        except HTTPException:
            raise NotHttpError from None


def _connection(scheme: str, host: str, timeout_s: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, timeout=timeout_s, context=system_trust())
    return HTTPConnection(host, timeout=timeout_s)


def _read(response: HTTPResponse, sock: socket, deadline: Deadline) -> bytes:
    """Return the content, cut off after the longest that is read.

    Raises: OSError, HTTPException, TimeoutError (not all of it has come by *deadline*).
    """
    parts: list[bytes] = []
    length = 0
    while length <= MAX_ANSWER_BYTES:
        left_s = deadline.left_s()
        if left_s <= 0:
            raise TimeoutError
        if not response.isclosed():
            sock.settimeout(left_s)
        part = response.read1(_CHUNK_BYTES)
        if not part:
            _check_complete(response)
            break
        parts.append(part)
        length += len(part)
    return b"".join(parts)[: MAX_ANSWER_BYTES + 1]


def _check_complete(response: HTTPResponse) -> None:
    """Raises: HTTPException."""
    if response.length:
        raise HTTPException

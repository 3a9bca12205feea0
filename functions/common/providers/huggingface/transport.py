"""HTTP exchanges with endpoints, over by their deadline whatever the endpoint does."""

import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from jiter import from_json

from functions.common.deadline import Deadline
from functions.common.errors import (
    AnswerTooLargeError,
    ConnectionFailedError,
    ProviderError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.payload import MAX_BYTES
from functions.common.providers.huggingface.connecting import Origin
from functions.common.providers.huggingface.connections import Connection, ConnectionPool

_MAX_REFUSAL_BYTES = 64 * 1024
_REFUSAL_READ_S = 0.5
"""The status of a refusal says nearly all; its body is worth no more time."""
_CHUNK_BYTES = 64 * 1024
_CLOSING_MARKS = (b"}", b"]", b'"')
_FAILURES = (OSError, HTTPException, ValueError)
"""Raised for a broken connection, for a response that is none, and for an impossible header."""

type Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Response:
    """An endpoint's response.

    Attributes:
        content: The whole body of a 200; of any other response, what came of it in time.
        retry_after: The header of that name.
    """

    status: int
    content: bytes
    retry_after: str | None = None


def json_of(content: bytes) -> Any:
    """Return the parsed body; None when it is not JSON, as NaN is not."""
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        return None


class Transport:
    """Exchanges requests for responses, one attempt each, from any number of threads.

    *trust* stands for the authorities that the system trusts.
    """

    def __init__(self, *, trust: ssl.SSLContext | None = None) -> None:
        self._pool = ConnectionPool(trust)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def get(self, url: str, headers: Headers, *, deadline: Deadline) -> Response:
        """Send a request without a body; otherwise as `post`."""
        return self._send("GET", url, headers, b"", deadline)

    def post(self, url: str, headers: Headers, content: bytes, *, deadline: Deadline) -> Response:
        """Return the response, whatever its status, by *deadline*.

        Raises: ModelNotReadyError (there is no such host), ConnectionFailedError (also for a
        kept-alive connection that the peer had ended), ProviderTimeoutError, ProviderError (not
        HTTP, broken off, encoded), AnswerTooLargeError (more than an answer of ours may have).
        """
        headers = {**headers, "Content-Length": str(len(content))}
        return self._send("POST", url, headers, content, deadline)

    def _send(
        self, method: str, url: str, headers: Headers, content: bytes, deadline: Deadline
    ) -> Response:
        left_s = deadline.left_s()
        if left_s <= 0:
            raise ProviderTimeoutError("There was no time left to ask the model.")
        origin, host, path = _parts(url)
        # Half of the time at most, so that some is left for another attempt.
        with self._pool.connection(origin, connect_timeout_s=left_s / 2) as connection:
            connection.deadline = deadline
            try:
                request = _request(f"{method} {path}", {"Host": host, **headers}, content)
                head = connection.send(request)
                if head.status == HTTPStatus.OK:
                    return _answer(head)
                connection.deadline = deadline.within(_REFUSAL_READ_S)
                return _refusal(head)
            except _FAILURES as error:
                # Without its message, which can quote addresses and peers.
                raise _translated(error, connection, deadline) from None


def _request(target: str, headers: Headers, content: bytes) -> bytes:
    """Return a whole request, *target* being its method and path.

    Raises: ValueError (a header that HTTP cannot carry).
    """
    if not all(value.isprintable() for value in headers.values()):
        raise ValueError
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{target} HTTP/1.1\r\n{fields}\r\n".encode("ascii") + content


def _answer(head: HTTPResponse) -> Response:
    """Return the response with its whole body.

    Raises: ProviderError, and those of `_FAILURES`.
    """
    if head.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProviderError("The model's answer is encoded in a way that was not asked for.")
    received = bytearray()
    length = head.length
    if length is not None and length > MAX_BYTES:
        raise _too_large()
    _receive(head, received, MAX_BYTES)
    if len(received) > MAX_BYTES:
        raise _too_large()
    if length is None and not head.chunked and not received.endswith(_CLOSING_MARKS):
        # Its end was that of the connection: a number could have lost its last digits.
        raise ProviderError("The model's answer may be incomplete.")
    return Response(head.status, bytes(received))


def _too_large() -> AnswerTooLargeError:
    return AnswerTooLargeError("The model's answer is larger than 4 MB.")


def _refusal(head: HTTPResponse) -> Response:
    """Return the response with as much of its body as comes."""
    received = bytearray()
    with suppress(*_FAILURES):
        _receive(head, received, _MAX_REFUSAL_BYTES)
    content = bytes(received[:_MAX_REFUSAL_BYTES])
    return Response(head.status, content, head.headers.get("Retry-After"))


def _receive(head: HTTPResponse, received: bytearray, max_bytes: int) -> None:
    """Fill *received* with the body as it comes, until it is whole or longer than *max_bytes*.

    Raises: those of `_FAILURES` (a body that is shorter than announced, a length that is none).
    """
    lengths = head.headers.get_all("Content-Length", [])
    if len(lengths) > 1 or not all(length.isdecimal() for length in lengths):
        raise HTTPException
    while len(received) <= max_bytes and (part := head.read1(_CHUNK_BYTES)):
        received += part
    if head.length and len(received) <= max_bytes:
        raise IncompleteRead(b"")


def _translated(error: Exception, connection: Connection, deadline: Deadline) -> ServiceError:
    """Return our error; one that falls on the deadline is a time-out, whatever it says."""
    if isinstance(error, TimeoutError) or deadline.left_s() <= 0:
        return ProviderTimeoutError("The model did not answer in time.")
    if isinstance(error, OSError | IncompleteRead) and not connection.answering:
        return ConnectionFailedError("The connection to the model failed.")
    return ProviderError("The model's answer broke off or is not one.")


@lru_cache(maxsize=512)
def _parts(url: str) -> tuple[Origin, str, str]:
    """Return where to connect, the header `Host`, and the path."""
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname or "", parts.port), parts.netloc, parts.path or "/"

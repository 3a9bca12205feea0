"""HTTP exchanges over kept-alive connections, over by their deadline whatever the peer does.

h11 is the protocol's implementation inside httpx. It is used without httpx around it for three
reasons: httpx bounds every operation of an exchange, not their sum; it takes surplus bytes after
an answer for the next caller's answer; and it would double what a prediction costs, for cookies,
redirects and decoding, which an exchange with a model has no use for.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import h11

from functions.common.errors import ProviderError, ServiceError
from functions.common.providers.huggingface.connection import Origin
from functions.common.providers.huggingface.connections import Connections

MAX_ANSWER_BYTES = 6_000_000
"""A Lambda function cannot return more: 6 MB for request and for response."""
_MAX_REFUSAL_BYTES = 64 * 1024
_REFUSAL_READ_S = 0.5
"""Anything but a 200 is told by its status; its words are worth no more time."""
_FRAMED = (b"content-length", b"transfer-encoding")
_CLOSING_MARKS = (b"}", b"]", b'"')

type Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    Attributes:
        host: As the header names it.
    """

    origin: Origin
    host: bytes
    path: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        headers: By lower-case names.
        content: The whole body of a 200; of any other answer, what came of it in time.
    """

    status: int
    headers: Mapping[bytes, bytes]
    content: bytes


class Transport:
    """Exchanges requests for answers, one attempt each, from any number of threads."""

    def __init__(self, connections: Connections | None = None) -> None:
        self._connections = connections or Connections()

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._connections.close()

    def get(self, target: Target, headers: Headers, *, deadline: float) -> Answer:
        """As `post`, without a body."""
        return self._exchange(_request(b"GET", target, headers), target, (), deadline)

    def post(
        self, target: Target, headers: Headers, content: Sequence[bytes], *, deadline: float
    ) -> Answer:
        """The answer, whatever its status; it is there by *deadline*, a `time.monotonic`.

        *content* is sent part after part.

        Raises: ModelNotReadyError (there is no such host), ConnectionFailedError (also for a
        kept-alive connection that the peer had ended), ProviderTimeoutError, ProviderError (no
        answer by HTTP's rules, a broken off or encoded one, or more than 6 MB).
        """
        length = (b"Content-Length", b"%d" % sum(len(part) for part in content))
        request = _request(b"POST", target, [*headers, length])
        return self._exchange(request, target, content, deadline)

    def _exchange(
        self, request: h11.Request, target: Target, content: Sequence[bytes], deadline: float
    ) -> Answer:
        with self._connections.to(target.origin, deadline) as connection:
            head = connection.ask(request, content, deadline)
            headers = dict(head.headers)
            if head.status_code == HTTPStatus.OK:
                return Answer(head.status_code, headers, _whole(connection.body(deadline), headers))
            read_by = min(deadline, time.monotonic() + _REFUSAL_READ_S)
            words = _as_far_as_it_comes(connection.body(read_by))
            return Answer(head.status_code, headers, words)


def _request(method: bytes, target: Target, headers: Headers) -> h11.Request:
    """Raises: ProviderError (a path or a token that HTTP cannot carry)."""
    always = [(b"Host", target.host), (b"Accept-Encoding", b"identity")]
    try:
        return h11.Request(method=method, target=target.path, headers=[*always, *headers])
    except h11.LocalProtocolError:
        # It quotes what it was given.
        raise ProviderError("The model cannot be asked.") from None


def _whole(body: Iterable[bytes], headers: Mapping[bytes, bytes]) -> bytes:
    """Raises: ProviderError."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise ProviderError("The model's answer is encoded in a way that was not asked for.")
    if int(headers.get(b"content-length", b"0")) > MAX_ANSWER_BYTES:
        raise _too_large()
    content = b"".join(_bounded(body))
    if not any(name in headers for name in _FRAMED) and not content.endswith(_CLOSING_MARKS):
        # Its end was that of the connection: a number could have lost its last digits.
        raise ProviderError("The model's answer may be incomplete.")
    return content


def _bounded(body: Iterable[bytes]) -> Iterator[bytes]:
    received_bytes = 0
    for part in body:
        received_bytes += len(part)
        if received_bytes > MAX_ANSWER_BYTES:
            raise _too_large()
        yield part


def _as_far_as_it_comes(body: Iterable[bytes]) -> bytes:
    received = bytearray()
    with suppress(ServiceError):
        for part in body:
            received += part
            if len(received) > _MAX_REFUSAL_BYTES:
                break
    return bytes(received[:_MAX_REFUSAL_BYTES])


def _too_large() -> ProviderError:
    return ProviderError("The model's answer is larger than 6 MB.")

"""HTTP exchanges with endpoints: http.client in a worker thread, over by their deadline.

A socket's time-out bounds each operation, of which a slow peer can cause any number, and the
system's resolver has no time-out at all. So a worker makes the exchange, and the caller waits for
it no longer than the deadline; a worker that is left behind ends with its connection.
"""

import queue
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from functions.common.deadline import Deadline
from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ProviderError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.providers.huggingface.connections import (
    CONNECT_TIMEOUT_S,
    Connection,
    ConnectionPool,
    Origin,
)

MAX_RESPONSE_BYTES = 6_000_000
"""A Lambda function cannot return more: 6 MB for request and for response."""
MAX_WORKERS = 32
"""An environment makes one prediction at a time; only workers left behind add to that."""
_MAX_REFUSAL_BYTES = 64 * 1024
_REFUSAL_READ_S = 0.5
"""The status of a refusal says nearly all; its body is worth no more time."""
_CHUNK_BYTES = 64 * 1024
_LEAST_S = 0.001
_FRAMED = ("content-length", "transfer-encoding")
_CLOSING_MARKS = (b"}", b"]", b'"')

type Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Response:
    """An endpoint's response.

    Attributes:
        headers: By lower-case name.
        content: The whole body of a 200; of any other response, what came of it in time.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(slots=True, eq=False)
class _Exchange:
    """One request and its response, shared by the caller and the worker.

    Attributes:
        progress: Gets an item when the connection stands, one with the head, one at the end.
    """

    method: str
    url: str
    headers: Headers
    content: bytes | None
    deadline: Deadline
    progress: "queue.SimpleQueue[None]" = field(default_factory=queue.SimpleQueue)
    connection: Connection | None = None
    head: HTTPResponse | None = None
    received: bytearray = field(default_factory=bytearray)
    is_done: bool = False
    error: Exception | None = None


class Transport:
    """Exchanges requests for responses, one attempt each, from any number of threads.

    *trust* stands for the authorities that the system trusts.
    """

    def __init__(self, *, trust: ssl.SSLContext | None = None) -> None:
        self._pool = ConnectionPool(trust)
        self._pending: queue.SimpleQueue[_Exchange | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = self._workers = 0

    def close(self) -> None:
        """Close idle connections and end idle workers."""
        with self._lock:
            for _ in range(self._workers):
                self._pending.put(None)
        self._pool.close()

    def get(self, url: str, headers: Headers, *, deadline: Deadline) -> Response:
        """Send a request without a body; otherwise as `post`."""
        return self._send(_Exchange("GET", url, headers, None, deadline))

    def post(self, url: str, headers: Headers, content: bytes, *, deadline: Deadline) -> Response:
        """Return the response, whatever its status, by *deadline*.

        Raises: ModelNotReadyError (there is no such host), ConnectionFailedError (also for a
        kept-alive connection that the peer had ended), ProviderTimeoutError, ProviderError (not
        HTTP, broken off, encoded, or more than 6 MB).
        """
        return self._send(_Exchange("POST", url, headers, content, deadline))

    def _send(self, exchange: _Exchange) -> Response:
        left_s = exchange.deadline.left_s()
        if left_s <= 0:
            raise ProviderTimeoutError("There was no time left to ask the model.")
        self._start(exchange)
        try:
            # Half of the time at most, so that some is left for another attempt.
            if not _moved_on(exchange, min(CONNECT_TIMEOUT_S, left_s / 2)):
                raise ConnectionFailedError("The connection to the model failed.")
            if _moved_on(exchange, exchange.deadline.left_s()):
                self._await_body(exchange)
            return _response(exchange)
        finally:
            if not exchange.is_done and exchange.connection:
                exchange.connection.shut_down()

    def _await_body(self, exchange: _Exchange) -> None:
        left_s = exchange.deadline.left_s()
        is_refusal = exchange.head is not None and exchange.head.status != HTTPStatus.OK
        _moved_on(exchange, min(left_s, _REFUSAL_READ_S) if is_refusal else left_s)

    def _start(self, exchange: _Exchange) -> None:
        """Hand *exchange* to an idle worker or a new one."""
        with self._lock:
            if self._idle:
                self._idle -= 1
            elif self._workers < MAX_WORKERS:
                self._workers += 1
                threading.Thread(target=self._work, daemon=True).start()
            else:
                raise ConnectionFailedError("Too many calls of models hang.")
        self._pending.put(exchange)

    def _work(self) -> None:
        while (exchange := self._pending.get()) is not None:
            try:
                self._exchange(exchange)
            except Exception as error:  # noqa: BLE001 - translated where the caller waits
                exchange.error = error
                if exchange.connection:
                    exchange.connection.close()
            with self._lock:
                self._idle += 1
            exchange.is_done = True
            for _ in range(3):
                exchange.progress.put(None)

    def _exchange(self, exchange: _Exchange) -> None:
        origin, path = _parts(exchange.url)
        left_s = max(_LEAST_S, exchange.deadline.left_s())
        exchange.connection = connection = self._pool.acquire(origin)
        connection.connect(min(CONNECT_TIMEOUT_S, left_s / 2))
        exchange.progress.put(None)
        left_s = max(_LEAST_S, exchange.deadline.left_s())
        response = connection.send(
            exchange.method, path, exchange.headers, exchange.content, left_s
        )
        exchange.head = response
        exchange.progress.put(None)
        # A response that ends with its connection owns the socket.
        with response:
            is_whole = _receive(response, exchange.received)
        if is_whole:
            self._pool.recycle(connection)
        else:
            connection.close()


def _moved_on(exchange: _Exchange, timeout_s: float) -> bool:
    """Wait for the next item of the exchange's progress."""
    try:
        exchange.progress.get(timeout=max(0.0, timeout_s))
    except queue.Empty:
        return False
    return True


def _receive(response: HTTPResponse, received: bytearray) -> bool:
    """Fill *received* with the body as it comes; return whether all of it came.

    Raises: HTTPException (a body that is shorter than announced, or a length that is none).
    """
    is_answer = response.status == HTTPStatus.OK
    limit = MAX_RESPONSE_BYTES if is_answer else _MAX_REFUSAL_BYTES
    announced, *others = response.headers.get_all("content-length") or [""]
    if others or (announced and not announced.isdecimal()):
        raise HTTPException
    if is_answer and announced and int(announced) > limit:
        raise _too_large()
    while part := response.read1(_CHUNK_BYTES):
        received += part
        if len(received) > limit:
            return False
    if announced and len(received) < int(announced):
        raise HTTPException
    return True


def _response(exchange: _Exchange) -> Response:
    """Return the response of an exchange that has ended or run out of time.

    Raises: as `Transport.post`.
    """
    head = exchange.head
    headers = {name.lower(): value for name, value in head.headers.items()} if head else {}
    if head is not None and head.status != HTTPStatus.OK:
        return Response(head.status, headers, bytes(exchange.received[:_MAX_REFUSAL_BYTES]))
    if not exchange.is_done:
        raise _too_late()
    if exchange.error is not None or head is None:
        raise _translated(exchange) from None
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProviderError("The model's answer is encoded in a way that was not asked for.")
    if len(exchange.received) > MAX_RESPONSE_BYTES:
        raise _too_large()
    content = bytes(exchange.received)
    if not any(name in headers for name in _FRAMED) and not content.endswith(_CLOSING_MARKS):
        # Its end was that of the connection: a number could have lost its last digits.
        raise ProviderError("The model's answer may be incomplete.")
    return Response(head.status, headers, content)


def _translated(exchange: _Exchange) -> ServiceError:
    """Return our error for the worker's, without its words, which can quote addresses and peers."""
    began = exchange.connection is not None and exchange.connection.answering
    if exchange.deadline.left_s() <= 0:
        return _too_late()
    match exchange.error:
        case ServiceError() as error:
            return error
        case socket.gaierror(errno=socket.EAI_NONAME) | UnicodeError():
            return ModelNotReadyError("The model's endpoint is gone.")
        case TimeoutError():
            is_connected = exchange.connection is not None and exchange.connection.sock is not None
            return _too_late() if is_connected or began else _not_connected()
        case OSError() if not began:
            return _not_connected()
    return ProviderError("The model's answer broke off or is not one.")


def _too_late() -> ProviderTimeoutError:
    return ProviderTimeoutError("The model did not answer in time.")


def _not_connected() -> ConnectionFailedError:
    return ConnectionFailedError("The connection to the model failed.")


def _too_large() -> ProviderError:
    return ProviderError("The model's answer is larger than 6 MB.")


@lru_cache(maxsize=512)
def _parts(url: str) -> tuple[Origin, str]:
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname or "", parts.port), parts.path or "/"

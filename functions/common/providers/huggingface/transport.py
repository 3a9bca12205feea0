"""HTTP exchanges with endpoints: urllib3 in a worker thread, over by their deadline.

urllib3 bounds each operation on a socket, of which a slow peer can cause any number, and the
system's resolver has no time-out at all. So a worker makes the exchange, and the caller waits for
it no longer than the deadline; a worker that is left behind ends with its connection.
"""

import queue
import ssl
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus

import urllib3
from urllib3 import exceptions

from functions.common.deadline import Deadline
from functions.common.errors import ConnectionFailedError, ProviderError, ProviderTimeoutError
from functions.common.providers.huggingface.connections import (
    Exchange,
    Headers,
    current,
    pool_manager,
)
from functions.common.providers.huggingface.transport_errors import translated

MAX_RESPONSE_BYTES = 6_000_000
"""A Lambda function cannot return more: 6 MB for request and for response."""
CONNECT_TIMEOUT_S = 3.0
MAX_WORKERS = 32
"""An environment makes one prediction at a time; only workers left behind add to that."""
_MAX_REFUSAL_BYTES = 64 * 1024
_REFUSAL_READ_S = 0.5
"""The status of a refusal says nearly all; its body is worth no more time."""
_CHUNK_BYTES = 64 * 1024
_FRAMED = ("content-length", "transfer-encoding")
_CLOSING_MARKS = (b"}", b"]", b'"')


@dataclass(frozen=True, slots=True)
class Response:
    """An endpoint's response.

    Attributes:
        headers: By name, whatever its case.
        content: The whole body of a 200; of any other response, what came of it in time.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport:
    """Exchanges requests for responses, one attempt each, from any number of threads.

    *trust* stands for the authorities that the system trusts.
    """

    def __init__(self, *, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._pools: urllib3.PoolManager | None = None
        self._pending: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = self._workers = 0

    def close(self) -> None:
        """Close idle connections and end idle workers."""
        with self._lock:
            for _ in range(self._workers):
                self._pending.put(None)
        if self._pools:
            self._pools.clear()

    def get(self, url: str, headers: Headers, *, deadline: Deadline) -> Response:
        """Send a request without a body; otherwise as `post`."""
        return self._send(Exchange("GET", url, headers, None, deadline))

    def post(self, url: str, headers: Headers, content: bytes, *, deadline: Deadline) -> Response:
        """Return the response, whatever its status, by *deadline*.

        Raises: ModelNotReadyError (there is no such host), ConnectionFailedError (also for a
        kept-alive connection that the peer had ended), ProviderTimeoutError, ProviderError (not
        HTTP, broken off, encoded, or more than 6 MB).
        """
        return self._send(Exchange("POST", url, headers, content, deadline))

    def _send(self, exchange: Exchange) -> Response:
        left_s = exchange.deadline.left_s()
        if left_s <= 0:
            raise ProviderTimeoutError("There was no time left to ask the model.")
        self._start(exchange)
        # Half of the time at most, so that some is left for another attempt.
        if not exchange.connected.wait(min(CONNECT_TIMEOUT_S, left_s / 2)):
            exchange.abandon()
            raise ConnectionFailedError("The connection to the model failed.")
        exchange.answered.wait(max(0.0, exchange.deadline.left_s()))
        if exchange.error is None and exchange.head is not None:
            self._await_body(exchange, exchange.head)
        is_done = exchange.done.is_set()
        if not is_done:
            exchange.abandon()
        return _response(exchange, is_done=is_done)

    def _await_body(self, exchange: Exchange, head: urllib3.BaseHTTPResponse) -> None:
        left_s = exchange.deadline.left_s()
        is_refusal = head.status != HTTPStatus.OK
        exchange.done.wait(max(0.0, min(left_s, _REFUSAL_READ_S) if is_refusal else left_s))

    def _start(self, exchange: Exchange) -> None:
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
            current.exchange = exchange
            try:
                self._exchange(exchange)
            except Exception as error:  # noqa: BLE001 - raised again where the caller waits
                exchange.fail(error)
            with self._lock:
                self._idle += 1

    def _exchange(self, exchange: Exchange) -> None:
        left_s = max(0.001, exchange.deadline.left_s())
        timeout = urllib3.Timeout(connect=min(CONNECT_TIMEOUT_S, left_s / 2), read=left_s)
        response = self._manager().request(
            exchange.method,
            exchange.url,
            body=exchange.content,
            headers=exchange.headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        exchange.head = response
        exchange.answered.set()
        try:
            with closing(_parts(response)) as parts:
                self._receive(exchange, response, parts)
        finally:
            # A response that was read to its end has given its connection back already.
            response.close()
        exchange.finish()

    def _receive(
        self, exchange: Exchange, response: urllib3.BaseHTTPResponse, parts: Iterator[bytes]
    ) -> None:
        limit = MAX_RESPONSE_BYTES if response.status == HTTPStatus.OK else _MAX_REFUSAL_BYTES
        announced = response.headers.get("content-length")
        if announced and not announced.isdecimal():
            raise exceptions.ProtocolError("Content-Length")
        if response.status == HTTPStatus.OK and announced and int(announced) > limit:
            raise _too_large()
        for part in parts:
            exchange.received += part
            if len(exchange.received) > limit:
                return
        if announced and len(exchange.received) < int(announced):
            raise exceptions.ProtocolError("Incomplete")

    def _manager(self) -> urllib3.PoolManager:
        with self._lock:
            if self._pools is None:
                self._pools = pool_manager(self._trust)
            return self._pools


def _parts(response: urllib3.BaseHTTPResponse) -> Generator[bytes]:
    """Yield the body as it comes."""
    if getattr(response, "chunked", False):
        yield from response.read_chunked(decode_content=False)
    else:
        while part := response.read1(_CHUNK_BYTES, decode_content=False):
            yield part


def _too_large() -> ProviderError:
    return ProviderError("The model's answer is larger than 6 MB.")


def _response(exchange: Exchange, *, is_done: bool) -> Response:
    """Return the response of an exchange that has ended or run out of time.

    Raises: as `Transport.post`.
    """
    with translated(lambda: exchange.began):
        if exchange.head is None:
            raise (exchange.error if is_done and exchange.error else TimeoutError())
        headers, status = exchange.head.headers, exchange.head.status
        if status != HTTPStatus.OK:
            return Response(status, headers, bytes(exchange.received[:_MAX_REFUSAL_BYTES]))
        if is_done and exchange.error is not None:
            raise exchange.error
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise ProviderError("The model's answer is encoded in a way that was not asked for.")
        if len(exchange.received) > MAX_RESPONSE_BYTES:
            raise _too_large()
        if not is_done:
            raise TimeoutError
        content = bytes(exchange.received)
        if not any(name in headers for name in _FRAMED) and not content.endswith(_CLOSING_MARKS):
            # Its end was that of the connection: a number could have lost its last digits.
            raise ProviderError("The model's answer may be incomplete.")
        return Response(status, headers, content)

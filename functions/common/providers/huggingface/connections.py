"""Connections to endpoints, kept alive between requests.

http.client does not bound the time of a response, and accepts some that were cut off or mixed up.
The classes it works on here add the bound and refuse those.
"""

import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPResponse, IncompleteRead

from functions.common.deadline import Deadline
from functions.common.providers.huggingface.connecting import Connector, Origin

_KEPT_ALIVE_S = 60.0
_MAX_IDLE = 16
"""An environment makes one prediction at a time, of some models one after the other."""


class _Reader(io.BufferedReader):
    """Buffer of one connection for all its responses; refuses a line without its end."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n"):
            raise IncompleteRead(line)
        return line

    def close(self) -> None:
        """Do nothing: what follows a response must be found before the next request."""


class _Response(HTTPResponse):
    """A response that skips every interim one; http.client skips 100 only."""

    def begin(self) -> None:
        super().begin()
        while HTTPStatus.SWITCHING_PROTOCOLS < self.status < HTTPStatus.OK:
            self.headers = None  # type: ignore[assignment]
            super().begin()


class Connection(io.RawIOBase):
    """A connection to *origin*; http.client reads responses from it in place of a socket.

    The time-out of a socket bounds one operation, of which a slow peer can cause any number. Here
    each operation gets the time that is left until `deadline`.

    Attributes:
        deadline: All operations are over by then; None: none waits.
        answering: A byte of the present response has come.
    """

    def __init__(self, origin: Origin, sock: socket.socket) -> None:
        self.origin = origin
        self.deadline: Deadline | None = None
        self.answering = False
        self._sock = sock
        self._reader = _Reader(self)
        self._response: HTTPResponse | None = None
        self._idle_since = 0.0

    def send(self, request: bytes) -> HTTPResponse:
        """Send a whole request; return the response with its head read.

        Raises: OSError, HTTPException.
        """
        self._response, self.answering = None, False
        # The server may have answered before it read the whole request (413, for instance).
        with suppress(BrokenPipeError, ConnectionResetError):
            self._send_all(request)
        self._response = _Response(self)  # type: ignore[arg-type]
        self._response.begin()
        return self._response

    def is_between_requests(self) -> bool:
        """Return whether the last response was read whole and does not end the connection.

        After 101 (Switching Protocols) the connection speaks HTTP no longer.
        """
        response = self._response
        if response is None or not response.isclosed() or response.will_close:
            return False
        return response.status >= HTTPStatus.OK

    def set_idle(self) -> None:
        self.deadline, self._idle_since = None, time.monotonic()

    def is_reusable(self) -> bool:
        """Return whether the idle connection can take another request.

        Whatever has come since its last response is its end, or would be taken for the next one.
        """
        if time.monotonic() - self._idle_since > _KEPT_ALIVE_S:
            return False
        try:
            self._reader.peek(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def makefile(self, _mode: str) -> _Reader:
        return self._reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._sock.settimeout(self._left_s())
        received_bytes = self._sock.recv_into(buffer)
        self.answering = self.answering or received_bytes > 0
        return received_bytes

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
        self._sock.close()
        super().close()

    def _send_all(self, request: bytes) -> None:
        unsent = memoryview(request)
        while unsent:
            self._sock.settimeout(self._left_s())
            unsent = unsent[self._sock.send(unsent) :]

    def _left_s(self) -> float:
        if self.deadline is None:
            return 0.0
        if (left_s := self.deadline.left_s()) <= 0:
            raise TimeoutError
        return left_s


class ConnectionPool:
    """Lends connections to any number of threads; *trust* stands for the system's authorities."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._connector = Connector(trust)
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def connection(self, origin: Origin, *, connect_timeout_s: float) -> Iterator[Connection]:
        """Lend the connection to *origin* that was used last, or a new one.

        Raises: as `Connector.connect`.
        """
        connection = self._take_idle(origin) or Connection(
            origin, self._connector.connect(origin, timeout_s=connect_timeout_s)
        )
        try:
            yield connection
        finally:
            if connection.is_between_requests():
                self._keep(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take_idle(self, origin: Origin) -> Connection | None:
        while connection := self._pop(origin):
            if connection.is_reusable():
                return connection
            connection.close()
        return None

    def _pop(self, origin: Origin) -> Connection | None:
        with self._lock:
            for index in reversed(range(len(self._idle))):
                if self._idle[index].origin == origin:
                    return self._idle.pop(index)
        return None

    def _keep(self, connection: Connection) -> None:
        connection.set_idle()
        with self._lock:
            self._idle.append(connection)
            surplus = self._idle.pop(0) if len(self._idle) > _MAX_IDLE else None
        if surplus:
            surplus.close()

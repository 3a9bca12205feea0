"""Connections of http.client that are kept alive, and that another thread can end.

http.client is lenient where a mixed-up or cut off answer would be taken for a whole one, so its
response class is held to the letter here.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import cache, partial
from http import HTTPStatus
from typing import Any

import certifi

CONNECT_TIMEOUT_S = 3.0
_KEPT_ALIVE_S = 60.0
_MAX_IDLE = 16
"""An environment makes one prediction at a time, of some models one after the other."""

type Origin = tuple[str, str, int | None]
"""Scheme (`https` or `http`), host, port."""


class _LineReader(io.BufferedReader):
    """Refuses a line that the end of the connection cut off."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n"):
            raise http.client.IncompleteRead(line)
        return line


class _Response(http.client.HTTPResponse):
    """A response that notes its first byte, skips interim ones, and lets nothing follow it."""

    def __init__(self, sock: socket.socket, *, connection: "Connection", **options: Any) -> None:
        super().__init__(sock, **options)
        self.fp = _LineReader(self.fp.detach())
        self._connection = connection

    def begin(self) -> None:
        if not self.fp.peek(1):
            raise http.client.RemoteDisconnected("")
        self._connection.answering = True
        super().begin()
        while HTTPStatus.SWITCHING_PROTOCOLS < self.status < HTTPStatus.OK:
            self.headers = None  # type: ignore[assignment]  # http.client skips only 100
            super().begin()

    def _close_conn(self) -> None:
        """Note whether more than the response came: it would be taken for the next one."""
        if self.fp is not None and (sock := self._connection.sock) is not None:
            sock.settimeout(0)
            self._connection.has_surplus = bool(self.fp.peek(1))
        super()._close_conn()  # type: ignore[misc]


class Connection:
    """One connection to *origin*; not connected before its first request.

    Attributes:
        answering: A byte of the present answer has come.
        has_surplus: More than the last answer came.
    """

    def __init__(self, origin: Origin, trust: ssl.SSLContext | None) -> None:
        scheme, host, port = origin
        self.origin = origin
        self._http = (
            http.client.HTTPSConnection(host, port, context=trust or system_trust())
            if scheme == "https"
            else http.client.HTTPConnection(host, port)
        )
        self._http.response_class = partial(_Response, connection=self)  # type: ignore[assignment]
        self.answering = self.has_surplus = False
        self._idle_since = time.monotonic()

    @property
    def sock(self) -> socket.socket | None:
        return self._http.sock

    def connect(self, timeout_s: float) -> None:
        """Connect within *timeout_s* for each operation, unless it is connected."""
        if self.sock is None:
            self._http.timeout = timeout_s
            self._http.connect()

    def send(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, left_s: float
    ) -> http.client.HTTPResponse:
        """Send a request; return the response with its head read.

        *left_s* bounds each operation. Raises: OSError, HTTPException.
        """
        self.answering = self.has_surplus = False
        if self.sock is not None:
            self.sock.settimeout(left_s)
        # The server may have answered before it read the whole request (413, for instance).
        with suppress(BrokenPipeError, ConnectionResetError):
            self._http.request(method, path, body=content, headers=headers)
        return self._http.getresponse()

    def is_reusable(self) -> bool:
        """Return whether the connection, idle now, can take another request."""
        is_young = time.monotonic() - self._idle_since < _KEPT_ALIVE_S
        return is_young and self.sock is not None and not self.has_surplus and not self._has_ended()

    def note_idle(self) -> None:
        self._idle_since = time.monotonic()

    def shut_down(self) -> None:
        """End it from another thread, whose operation on it fails at once."""
        if (sock := self.sock) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._http.close()

    def _has_ended(self) -> bool:
        """Return whether there is something to read, which can only be the connection's end."""
        if self.sock is None:
            return True
        self.sock.settimeout(0)
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except (OSError, ValueError):
            return True
        return True


class ConnectionPool:
    """Lends connections to any number of threads; *trust* stands for the system's authorities."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    def acquire(self, origin: Origin) -> Connection:
        """Return the connection to *origin* that was used last, or a new one."""
        while connection := self._pop(origin):
            if connection.is_reusable():
                return connection
            connection.close()
        return Connection(origin, self._trust)

    def recycle(self, connection: Connection) -> None:
        """Keep *connection* for another request, or close it."""
        connection.note_idle()
        surplus: Connection | None = connection
        if connection.sock is not None and not connection.has_surplus:
            with self._lock:
                self._idle.append(connection)
                surplus = self._idle.pop(0) if len(self._idle) > _MAX_IDLE else None
        if surplus:
            surplus.close()

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _pop(self, origin: Origin) -> Connection | None:
        with self._lock:
            for index in reversed(range(len(self._idle))):
                if self._idle[index].origin == origin:
                    return self._idle.pop(index)
        return None


@cache
def system_trust() -> ssl.SSLContext:
    """Return the authorities of Mozilla's list and of this machine; read when first needed."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context

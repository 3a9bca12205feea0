"""urllib3's connections, made so that an exchange can be watched and ended from outside."""

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any

import certifi
import urllib3

from functions.common.deadline import Deadline

_POOLS, _CONNECTIONS_A_POOL = 16, 16

type Headers = Mapping[str, str]


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its response, shared by the caller and the worker."""

    method: str
    url: str
    headers: Headers
    content: bytes | None
    deadline: Deadline
    connected: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    connection: http.client.HTTPConnection | None = None
    head: urllib3.BaseHTTPResponse | None = None
    received: bytearray = field(default_factory=bytearray)
    error: Exception | None = None
    began: bool = False

    def abandon(self) -> None:
        """End the connection, and with it the worker's waiting."""
        sock = self.connection.sock if self.connection else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def fail(self, error: Exception) -> None:
        self.error = error
        self.finish()

    def finish(self) -> None:
        for event in (self.connected, self.answered, self.done):
            event.set()


current = threading.local()


class _LineReader(io.BufferedReader):
    """Refuses a line that the end of the connection cut off; http.client takes it."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if current.exchange.began and not line.endswith(b"\n"):
            raise http.client.IncompleteRead(line)
        return line


class _HttpResponse(http.client.HTTPResponse):
    """A response that notes its first byte, skips interim ones, and lets nothing follow it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fp = _LineReader(self.fp.detach())

    def begin(self) -> None:
        if self.fp.peek(1):
            current.exchange.began = True
        super().begin()
        while HTTPStatus.SWITCHING_PROTOCOLS < self.status < HTTPStatus.OK:
            self.headers = None  # type: ignore[assignment]  # http.client skips only 100
            super().begin()

    def _close_conn(self) -> None:
        """End the connection if more than the response came: it would be the next one's."""
        connection = current.exchange.connection
        surplus = b""
        if self.fp is not None and connection is not None and connection.sock is not None:
            connection.sock.settimeout(0)
            surplus = self.fp.peek(1)
        super()._close_conn()  # type: ignore[misc]
        if surplus:
            connection.close()


class _Tracked:
    """A connection that the exchange of its thread can end."""

    response_class = _HttpResponse

    def request(self, *arguments: object, **options: object) -> None:
        exchange: Exchange = current.exchange
        exchange.connection = self  # type: ignore[assignment]
        super().request(*arguments, **options)  # type: ignore[misc]

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._note_connected()

    def putrequest(self, *arguments: object, **options: object) -> None:
        self._note_connected()
        super().putrequest(*arguments, **options)  # type: ignore[misc]

    def _note_connected(self) -> None:
        exchange: Exchange = current.exchange
        if (sock := getattr(self, "sock", None)) is not None:
            exchange.connected.set()
            # urllib3 sends the request within the time-out for connecting.
            sock.settimeout(max(0.001, exchange.deadline.left_s()))


class _HttpConnection(_Tracked, urllib3.connection.HTTPConnection):  # type: ignore[misc]
    pass


class _HttpsConnection(_Tracked, urllib3.connection.HTTPSConnection):  # type: ignore[misc]
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


def pool_manager(trust: ssl.SSLContext | None = None) -> urllib3.PoolManager:
    """Return pools of kept-alive connections; *trust* stands for the system's authorities."""
    manager = urllib3.PoolManager(
        num_pools=_POOLS, maxsize=_CONNECTIONS_A_POOL, ssl_context=trust or _system_trust()
    )
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager


@cache
def _system_trust() -> ssl.SSLContext:
    """Return the authorities of Mozilla's list and of this machine; read when first needed."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context

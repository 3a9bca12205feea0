"""Connections that are kept alive from one exchange to the next."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.providers.huggingface import network
from functions.common.providers.huggingface.connection import Connection, Origin

CONNECT_TIMEOUT_S = 3.0
_KEPT_ALIVE_S = 60.0
_MAX_IDLE = 16
"""An environment makes one prediction at a time, of some models one after the other."""


class Connections:
    """Lends connections to any number of threads.

    *resolve* and *trust* stand for the system's resolver and for the authorities that it trusts.
    """

    def __init__(
        self,
        *,
        resolve: network.Resolve = network.system_resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._resolve = resolve
        self._trust = trust
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def to(self, origin: Origin, deadline: float) -> Iterator[Connection]:
        """A connection for one exchange; closed after one that did not end well.

        Raises: ModelNotReadyError (there is no such host), ConnectionFailedError,
        ProviderTimeoutError.
        """
        connection = self._kept_alive(origin) or self._connected(origin, deadline)
        reusable = False
        try:
            yield connection
            reusable = connection.made_ready()
        finally:
            if reusable:
                self._keep(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Close those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _kept_alive(self, origin: Origin) -> Connection | None:
        while connection := self._taken(origin):
            if connection.idle_for_s() < _KEPT_ALIVE_S and not connection.has_ended():
                return connection
            connection.close()
        return None

    def _taken(self, origin: Origin) -> Connection | None:
        """The one that was used last, which is the likeliest to be alive."""
        with self._lock:
            for index in reversed(range(len(self._idle))):
                if self._idle[index].origin == origin:
                    return self._idle.pop(index)
        return None

    def _keep(self, connection: Connection) -> None:
        with self._lock:
            self._idle.append(connection)
            surplus = self._idle.pop(0) if len(self._idle) > _MAX_IDLE else None
        if surplus:
            surplus.close()

    def _connected(self, origin: Origin, deadline: float) -> Connection:
        """Within half of the time, so that there is some left to try again."""
        scheme, host, port = origin
        now = time.monotonic()
        if now >= deadline:
            raise ProviderTimeoutError("There was no time left to ask the model.")
        connected_by = now + min(CONNECT_TIMEOUT_S, (deadline - now) / 2)
        try:
            sock = network.connect(host, port, connected_by, resolve=self._resolve)
            if scheme == "https":
                context = self._trust or network.system_trust()
                sock = network.secure(sock, host, connected_by, context=context)
        except OSError as error:
            # Its class is for the log; its words can name addresses.
            raise _not_connected(error) from type(error)("")
        return Connection(sock, origin)


def _not_connected(error: OSError) -> ServiceError:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        return ModelNotReadyError("The model's endpoint is gone.")
    return ConnectionFailedError("The connection to the model failed.")

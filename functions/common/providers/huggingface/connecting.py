"""New connections to endpoints, each made in a thread of its own.

Nothing bounds the system's resolver. So the caller waits for the thread no longer than it has
time, and a thread that is left behind closes its connection when it has one.
"""

import socket
import ssl
import threading
from concurrent.futures import Future
from http.client import HTTPConnection, HTTPSConnection

from functions.common.errors import ConnectionFailedError, ModelNotReadyError, ServiceError
from functions.common.trust import system_trust

CONNECT_TIMEOUT_S = 3.0
MAX_THREADS = 32
"""An environment makes one prediction at a time; only threads left behind add to that."""

type Origin = tuple[str, str, int | None]
"""Scheme (`https` or `http`), host, port."""


class Connector:
    """Connects to origins, from any number of threads.

    *trust* replaces the authorities that the system trusts.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._free_threads = threading.BoundedSemaphore(MAX_THREADS)

    def connect(self, origin: Origin, *, timeout_s: float) -> socket.socket:
        """Resolve the name and connect, with TLS for `https`.

        Raises: ModelNotReadyError (there is no such host), ConnectionFailedError.
        """
        if not self._free_threads.acquire(blocking=False):
            raise ConnectionFailedError("Too many connections to models hang.")
        timeout_s = min(CONNECT_TIMEOUT_S, timeout_s)
        connected: Future[socket.socket] = Future()
        thread = threading.Thread(
            target=self._connect, args=(connected, origin, timeout_s), daemon=True
        )
        thread.start()
        try:
            return _result(connected, timeout_s)
        except (OSError, UnicodeError) as error:
            # Without its message, which can quote addresses.
            raise _translated(error) from None

    def _connect(self, connected: Future[socket.socket], origin: Origin, timeout_s: float) -> None:
        http, failure = self._http_connection(origin, timeout_s), None
        try:
            http.connect()
        except Exception as error:  # noqa: BLE001 - raised where the caller waits
            failure = error
        self._free_threads.release()
        if not connected.set_running_or_notify_cancel():
            http.close()
        elif failure:
            connected.set_exception(failure)
        else:
            connected.set_result(http.sock)

    def _http_connection(self, origin: Origin, timeout_s: float) -> HTTPConnection:
        scheme, host, port = origin
        if scheme == "http":
            return HTTPConnection(host, port, timeout=timeout_s)
        trust = self._trust or system_trust()
        return HTTPSConnection(host, port, timeout=timeout_s, context=trust)


def _result(connected: Future[socket.socket], timeout_s: float) -> socket.socket:
    """Raises: TimeoutError, and whatever connecting raised."""
    try:
        return connected.result(timeout_s)
    except TimeoutError:
        if connected.cancel():
            raise
        return connected.result()


def _translated(error: Exception) -> ServiceError:
    match error:
        case socket.gaierror(errno=socket.EAI_NONAME) | UnicodeError():
            return ModelNotReadyError("The model's endpoint is gone.")
    return ConnectionFailedError("The connection to the model failed.")

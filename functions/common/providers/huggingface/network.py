"""TCP and TLS within a deadline, a point of `time.monotonic` that all operations share.

A socket's own time-out bounds each operation, of which a slow peer can cause any number. Every
function raises TimeoutError when nothing is left, and OSError for all else that goes wrong.
"""

import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import certifi

_READ_BYTES = 64 * 1024

type Addresses = Sequence[tuple[Any, ...]]
type Resolve = Callable[[str, int], Addresses]
"""From a host's name and a port to what `socket.getaddrinfo` answers; raises what it raises."""


def system_resolve(host: str, port: int) -> Addresses:
    """Ask the system's resolver."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from None


@cache
def system_trust() -> ssl.SSLContext:
    """The authorities of Mozilla's list and of this machine; read when first needed."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def connect(host: str, port: int, deadline: float, *, resolve: Resolve) -> socket.socket:
    """A connection to the first address that accepts; each has its share of what time is left."""
    failure = OSError("no address")
    addresses = _resolved(host, port, deadline, resolve)
    for tried, (family, kind, protocol, _name, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left_s(deadline) / (len(addresses) - tried))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def secure(
    sock: socket.socket, host: str, deadline: float, *, context: ssl.SSLContext
) -> socket.socket:
    """TLS over *sock*, which is closed if *host* cannot be trusted."""
    try:
        sock.settimeout(_left_s(deadline))
        return context.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def send(sock: socket.socket, content: bytes, deadline: float) -> None:
    """All of *content*."""
    unsent = memoryview(content)
    while unsent:
        sock.settimeout(_left_s(deadline))
        unsent = unsent[sock.send(unsent) :]


def receive(sock: socket.socket, deadline: float) -> bytes:
    """What has come, at least one byte; none at the connection's end."""
    sock.settimeout(_left_s(deadline))
    return sock.recv(_READ_BYTES)


def has_ended(sock: socket.socket) -> bool:
    """Whether there is something to read on an idle connection, which can only be its end."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _resolved(host: str, port: int, deadline: float, resolve: Resolve) -> Addresses:
    """The resolver takes no time-out, so it works beside us and may be left behind."""
    found: queue.SimpleQueue[Addresses | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(resolve(host, port))
        except OSError as error:
            found.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        outcome = found.get(timeout=_left_s(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(outcome, OSError):
        raise outcome
    return outcome


def _left_s(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s

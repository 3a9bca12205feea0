"""A provider at the level of sockets: each connection is handled by a script, in its own thread."""

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

type Script = Callable[["Peer"], None]
"""Acts on one connection, which is closed afterwards."""

_RESET = struct.pack("ii", 1, 0)
_TRICKLE_PAUSE_S = 0.05
_LONGEST_S = 30.0
"""Seconds; longer than any client waits."""


class PeerLeftError(Exception):
    """The client has closed the connection."""


@dataclass(frozen=True)
class Request:
    """A request of the client; headers by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        """Return the content, parsed."""
        return json.loads(self.content)


class Peer:
    """One connection, as the server sees it.

    Attributes:
        requests: Those read so far, also on the server's other connections.
    """

    def __init__(self, sock: socket.socket, requests: list[Request]) -> None:
        self._sock = sock
        self._received = b""
        self.requests = requests

    def read_request(self) -> Request:
        """Raises: PeerLeftError."""
        while b"\r\n\r\n" not in self._received:
            self._received += self._receive()
        head, _, content = self._received.partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", 0))
        parts = [content]
        while sum(len(part) for part in parts) < length:
            parts.append(self._receive())
        content, self._received = b"".join(parts)[:length], b"".join(parts)[length:]
        method, path, _version = start.split(" ")
        request = Request(method, path, headers, content)
        self.requests.append(request)
        return request

    def send(self, content: bytes) -> None:
        """Raises: PeerLeftError."""
        try:
            self._sock.sendall(content)
        except OSError:
            raise PeerLeftError from None

    def answer(
        self, status: int, body: Any = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """Read the request and answer it; a *body* that is not bytes is sent as JSON."""
        self.read_request()
        self.send(response(status, body, headers))

    def trickle(self, content: bytes) -> None:
        """Send *content* a byte at a time, again and again until the client leaves."""
        ends_at = time.monotonic() + _LONGEST_S
        while time.monotonic() < ends_at:
            for byte in content:
                self.send(bytes([byte]))
                time.sleep(_TRICKLE_PAUSE_S)

    def flood(self, content: bytes) -> None:
        """Send *content* as fast as it goes until the client leaves."""
        ends_at = time.monotonic() + _LONGEST_S
        while time.monotonic() < ends_at:
            self.send(content)

    def stay_silent(self) -> None:
        """Neither read nor send until the client leaves."""
        poll = select.poll()
        poll.register(self._sock, select.POLLRDHUP)
        poll.poll(_LONGEST_S * 1_000)

    def reset(self) -> None:
        """Reset the connection."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._sock.close()

    def _receive(self) -> bytes:
        try:
            received = self._sock.recv(1 << 20)
        except OSError:
            raise PeerLeftError from None
        if not received:
            raise PeerLeftError
        return received


class FaultServer:
    """Listens on this machine.

    Attributes:
        script: For the connections from now on.
        requests: Those that its scripts have read.
        connections: How many came, whatever happened to them.
    """

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.requests: list[Request] = []
        self.connections = 0
        self._tls = tls
        self._peers: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # Closing alone would leave the thread in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._peers:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._peers.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(PeerLeftError, OSError), sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                self.script(Peer(sock, self.requests))
                return
            with self._tls.wrap_socket(sock, server_side=True) as secured:
                self.script(Peer(secured, self.requests))


def response(status: int, body: Any = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Return a whole response as it is sent."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": len(content), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + content


@contextmanager
def nobody_listening() -> Iterator[str]:
    """Yield the URL of a port that refuses connections; nobody else uses it meanwhile."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


@contextmanager
def accepting_nobody() -> Iterator[str]:
    """Yield the URL of a server whose queue is full: a connection is neither made nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        queued = [_connecting(address) for _ in range(4)]
        yield f"http://127.0.0.1:{address[1]}"
        for sock in queued:
            sock.close()


def _connecting(address: Any) -> socket.socket:
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(address)
    return sock

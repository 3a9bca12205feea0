"""Threads that connect: bounded in number, and harmless when they are left behind."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from functions.common.errors import ConnectionFailedError
from functions.common.providers.huggingface import connecting
from functions.common.providers.huggingface.connecting import Connector
from tests.faults.server import FaultServer, Peer

HOST = ("http", "a.endpoints.test", None)
SOON_S = 0.2


class Resolver:
    """Stands for the system's resolver; it hangs until `released`, then finds *port*."""

    def __init__(self, port: int = 9) -> None:
        self.released = threading.Event()
        self._port = port

    def __call__(self, *_host: Any) -> list[tuple[Any, ...]]:
        self.released.wait()
        address = ("127.0.0.1", self._port)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """Release the threads that wait for it when the test ends."""
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    yield resolver
    resolver.released.set()


def test_threads_that_hang_are_bounded(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    """More calls fail at once, until a thread is free again."""
    monkeypatch.setattr(connecting, "MAX_THREADS", 2)
    connector = Connector()
    for _ in range(2):
        with pytest.raises(ConnectionFailedError, match="failed"):
            connector.connect(HOST, timeout_s=SOON_S)
    began = time.monotonic()

    with pytest.raises(ConnectionFailedError, match="hang"):
        connector.connect(HOST, timeout_s=20)

    assert time.monotonic() - began < 5
    resolver.released.set()
    wait_until_message(connector, "failed")


def wait_until_message(connector: Connector, message: str) -> None:
    """Connect, which fails, until the error has *message*."""
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        with pytest.raises(ConnectionFailedError) as raised:
            connector.connect(HOST, timeout_s=SOON_S)
        if message in raised.value.detail:
            return
    pytest.fail(f"never {message}")


def test_a_connection_that_comes_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller has left; nobody else would close it."""
    closed = threading.Event()

    def note_the_end(peer: Peer) -> None:
        peer.stay_silent()
        closed.set()

    with FaultServer(note_the_end) as server:
        resolver = Resolver(server.port)
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        with pytest.raises(ConnectionFailedError):
            Connector().connect(HOST, timeout_s=SOON_S)
        resolver.released.set()

        assert closed.wait(20)

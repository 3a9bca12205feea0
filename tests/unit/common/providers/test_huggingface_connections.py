"""Connections that are kept alive, and those that are not."""

import pytest

from functions.common.deadline import Deadline
from functions.common.errors import ProviderTimeoutError
from functions.common.providers.huggingface import connections
from functions.common.providers.huggingface.transport import Transport
from tests.faults.scripts import CHUNKED, LARGE_BODY, SMALL_BODY, sends
from tests.faults.server import FaultServer, Peer, Script, response


def post(transport: Transport, url: str, body: bytes = SMALL_BODY, *, timeout_s: float = 20) -> int:
    """Return the status."""
    return transport.post(url, {}, body, deadline=Deadline.after(timeout_s)).status


def answer_all(peer: Peer) -> None:
    """Answer every request of the connection."""
    while True:
        peer.answer(200, [1])


def test_a_request_that_was_sent_in_part_ends_its_connection(transport: Transport) -> None:
    """The next request would be taken for the rest of its body."""

    def answer_once_then_read_nothing(peer: Peer) -> None:
        peer.answer(200, [1])
        peer.stay_silent()

    with FaultServer(answer_once_then_read_nothing) as server:
        assert 200 == post(transport, server.url)
        with pytest.raises(ProviderTimeoutError):
            post(transport, server.url, LARGE_BODY, timeout_s=0.5)
        server.script = answer_all

        assert 200 == post(transport, server.url)
        assert 2 == server.connections


@pytest.mark.parametrize(
    "script",
    [
        sends(response(200, [1], {"Connection": "close"}), "stay_silent"),
        sends(response(200, [1]).replace(b"HTTP/1.1", b"HTTP/1.0"), "stay_silent"),
        sends(response(503, 100_000 * b"x"), "stay_silent"),
        sends(CHUNKED.replace(b"200", b"503"), "stay_silent"),
        sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "stay_silent"),
    ],
    ids=["closes", "HTTP/1.0", "long refusal", "refusal without its end", "101"],
)
def test_some_responses_end_their_connection(transport: Transport, script: Script) -> None:
    """They say so, or were not read to their end."""
    with FaultServer(script) as server:
        post(transport, server.url)
        server.script = answer_all

        assert [200, 200] == [post(transport, server.url) for _ in range(2)]
        assert 2 == server.connections


def test_a_connection_is_not_kept_for_ever(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers and load balancers end idle ones after a minute."""
    monkeypatch.setattr(connections, "_KEPT_ALIVE_S", 0.0)
    with FaultServer(answer_all) as server:
        assert [200, 200] == [post(transport, server.url) for _ in range(2)]
        assert 2 == server.connections


def test_few_connections_are_kept(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was used longest ago is closed."""
    monkeypatch.setattr(connections, "_MAX_IDLE", 1)
    with FaultServer(answer_all) as first, FaultServer(answer_all) as second:
        for server in (first, second, second, first):
            assert 200 == post(transport, server.url)

        assert (2, 1) == (first.connections, second.connections)

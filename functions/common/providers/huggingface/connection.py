"""One HTTP/1.1 connection; h11 knows the protocol, `network` the sockets."""

import socket
import time
from collections.abc import Iterator, Sequence

import h11

from functions.common.errors import (
    ConnectionFailedError,
    ProviderError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.providers.huggingface import network

_MAX_HEAD_BYTES = 100 * 1024
_ONE_PACKET_BYTES = 64 * 1024
"""Up to here, what is sent is put together first."""

type Origin = tuple[str, str, int]
"""Scheme (`https` or `http`), host, port."""


class Connection:
    """Exchanges one request after the other with *origin* over *sock*.

    Raises: ConnectionFailedError (the connection ended before the answer's first byte),
    ProviderError (it ended later, or what came is not HTTP), ProviderTimeoutError. After an error
    it can only be closed.
    """

    def __init__(self, sock: socket.socket, origin: Origin) -> None:
        self.origin = origin
        self._sock = sock
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._answering = False
        self._idle_since = time.monotonic()

    def idle_for_s(self) -> float:
        """Since its last exchange."""
        return time.monotonic() - self._idle_since

    def has_ended(self) -> bool:
        """Whether the peer has closed it while it was idle."""
        return network.has_ended(self._sock)

    def ask(self, request: h11.Request, content: Sequence[bytes], deadline: float) -> h11.Response:
        """Send *request* with all of *content*; the head of the answer."""
        self._answering = False
        try:
            self._send(request, content, deadline)
        except TimeoutError as error:
            raise _too_late() from error
        except OSError:
            # Whoever takes no more may have answered before.
            pass
        while not isinstance(event := self._next_event(deadline), h11.Response):
            pass
        return event

    def body(self, deadline: float) -> Iterator[bytes]:
        """The parts of the answer's body as they come."""
        while isinstance(event := self._next_event(deadline), h11.Data):
            yield bytes(event.data)

    def made_ready(self) -> bool:
        """Whether it can take another request.

        Not so when more than the answer came: that would be taken for the next answer, which is
        somebody else's.
        """
        surplus, _ended = self._protocol.trailing_data
        done = (self._protocol.our_state, self._protocol.their_state) == (h11.DONE, h11.DONE)
        if surplus or not done:
            return False
        self._protocol.start_next_cycle()
        self._idle_since = time.monotonic()
        return True

    def close(self) -> None:
        """End it."""
        self._sock.close()

    def _send(self, request: h11.Request, content: Sequence[bytes], deadline: float) -> None:
        """Raises: OSError, TimeoutError."""
        events = [request, *(h11.Data(data=part) for part in content), h11.EndOfMessage()]
        parts = [part for event in events if (part := self._protocol.send(event))]
        if sum(len(part) for part in parts) <= _ONE_PACKET_BYTES:
            parts = [b"".join(parts)]
        for part in parts:
            network.send(self._sock, part, deadline)

    def _next_event(self, deadline: float) -> object:
        try:
            while (event := self._protocol.next_event()) is h11.NEED_DATA:
                self._protocol.receive_data(self._receive(deadline))
        except h11.RemoteProtocolError:
            # It would quote the peer.
            raise ProviderError("The model's answer broke off or is not one.") from None
        return event

    def _receive(self, deadline: float) -> bytes:
        try:
            received = network.receive(self._sock, deadline)
        except TimeoutError as error:
            raise _too_late() from error
        except OSError as error:
            raise self._ended() from type(error)("")
        if not (received or self._answering):
            raise self._ended()
        self._answering = True
        return received

    def _ended(self) -> ServiceError:
        if self._answering:
            return ProviderError("The model's answer broke off.")
        return ConnectionFailedError("The connection to the model failed.")


def _too_late() -> ProviderTimeoutError:
    return ProviderTimeoutError("The model did not answer in time.")

"""The authorizer's HTTP, with a real server on loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException

import pytest

from functions.authorizer.post import FAILURES, Answer, Post

type Behaviour = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


class Server:
    """Handles each connection as *behaviours* say, the last of them from then on.

    Attributes:
        received: What came, by connection.
    """

    def __init__(self, *behaviours: Behaviour) -> None:
        self.received: list[bytes] = []
        self._behaviours = behaviours
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/api/v1/keys/validate"

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            with accepted:
                index = min(len(self.received), len(self._behaviours) - 1)
                self.received.append(b"")
                accepted.settimeout(5)
                self._behaviours[index](accepted)

    def read(self, accepted: socket.socket) -> bool:
        """Read a request of ours; return whether one came."""
        part = b""
        while not part.endswith(b"question"):
            chunk = accepted.recv(65_536)
            if not chunk:
                return False
            part += chunk
        self.received[-1] += part
        return True


@contextmanager
def serving(*answers: list[bytes]) -> Iterator[Server]:
    """Yield a server; each connection gives its list of answers, and is then closed."""

    def behaviour(list_: list[bytes]) -> Behaviour:
        def run(accepted: socket.socket) -> None:
            for answer in list_:
                if not server.read(accepted):
                    return
                accepted.sendall(answer)

        return run

    server = Server(*(behaviour(list_) for list_ in answers))
    try:
        yield server
    finally:
        server.close()


def post_to(server: Server, **options: float) -> Post:
    return Post(server.url, timeout_s=options.get("timeout_s", 5), max_bytes=10)


def ask(post: Post) -> Answer:
    return post(b"question", {"Authorization": "Bearer key"})


def test_calls_share_a_connection() -> None:
    """Making one costs more than asking."""
    with serving([OK + b"{}", OK + b"[]"]) as server:
        post = post_to(server)
        answers = [ask(post), ask(post)]
        post.close()

    assert [Answer(200, b"{}"), Answer(200, b"[]")] == answers
    assert 1 == len(server.received)
    assert server.received[0].startswith(b"POST /api/v1/keys/validate HTTP/1.1\r\n")
    assert 2 == server.received[0].count(b"Authorization: Bearer key\r\n")


def test_a_connection_that_has_ended_is_made_anew() -> None:
    """Lambda freezes an environment for minutes, in which the peer ends it."""
    with serving([OK + b"{}"], [OK + b"[]"]) as server:
        post = post_to(server)
        answers = [ask(post), ask(post)]
        post.close()

    assert [b"{}", b"[]"] == [answer.content for answer in answers]
    assert 2 == len(server.received)


def test_a_new_connection_that_ends_is_a_failure() -> None:
    """It is not made again and again while a caller waits."""
    with serving([b""]) as server, pytest.raises(FAILURES):
        ask(post_to(server))

    assert 1 == len(server.received)


def test_the_next_call_after_a_failure_gets_its_own_answer() -> None:
    """Nothing is left of an exchange that broke off."""
    with serving([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"], [OK + b"[]"]) as server:
        post = post_to(server)
        with pytest.raises(HTTPException):
            ask(post)
        answer = ask(post)
        post.close()

    assert Answer(200, b"[]") == answer


def test_a_long_answer_is_cut_off_and_its_rest_is_not_the_next_answer() -> None:
    """It could hold the words of another."""
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"x" * 20
    with serving([long, OK + b"no"], [OK + b"[]"]) as server:
        post = post_to(server)
        answers = [ask(post), ask(post)]
        post.close()

    assert [b"x" * 10, b"[]"] == [answer.content for answer in answers]


def test_silence_is_a_failure_in_time() -> None:
    """API Gateway waits for the authorizer, and the caller for both."""
    ended = threading.Event()

    def behaviour(_accepted: socket.socket) -> None:
        ended.wait(5)

    server = Server(behaviour)
    try:
        with pytest.raises(TimeoutError):
            ask(post_to(server, timeout_s=0.05))
    finally:
        ended.set()
        server.close()


@pytest.mark.parametrize("head", [b"SSH-2.0\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_a_failure(head: bytes) -> None:
    """Whatever answers at the address."""
    with serving([head]) as server, pytest.raises(FAILURES):
        ask(post_to(server))


def test_a_redirect_is_an_answer() -> None:
    """The key goes to the service alone."""
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with serving([moved]) as server:
        post = post_to(server)
        answer = ask(post)
        post.close()

    assert 307 == answer.status

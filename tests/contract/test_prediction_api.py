"""The fake prediction API and the one over HTTP, against a real server, behave the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from functions.uptime.api import (
    ApiAnswer,
    ApiTimeoutError,
    NoAnswerError,
    NotHttpError,
    PredictionApi,
)
from functions.uptime.http_api import MAX_ANSWER_BYTES, TIMEOUT_S, HttpPredictionApi
from tests.fakes.prediction_api import FakePredictionApi
from tests.faults.server import FaultServer, Peer, Script, nobody_listening, response

MODEL = "my model/ü"
KEY = f"hk_test_{'0' * 32}"
BODY = b'{"inputs": [1]}'
SILENCE_S = 0.2
"""Seconds for calls that are not answered in time, however long they wait."""

type Given = Callable[..., PredictionApi]
"""Makes the API whose model has the outcome, for HTTP by the script."""


@pytest.fixture(params=["fake", "http"])
def given(request: pytest.FixtureRequest) -> Iterator[Given]:
    """The fake, then HTTP."""
    with ExitStack() as stack:

        def fake(outcome: ApiAnswer | NoAnswerError, _script: Script, **_: float) -> PredictionApi:
            return FakePredictionApi({MODEL: outcome})

        def http(
            _outcome: ApiAnswer | NoAnswerError, script: Script, timeout_s: float = TIMEOUT_S
        ) -> PredictionApi:
            server = stack.enter_context(FaultServer(script))
            return HttpPredictionApi(f"{server.url}/api/v1", timeout_s=timeout_s)

        yield fake if request.param == "fake" else http


@pytest.mark.parametrize("status", [200, 302, 401, 422, 500, 503])
def test_every_answer_is_returned(given: Given, status: int) -> None:
    """With its content and the request's id; redirects are not followed."""
    headers = {"X-Request-Id": "r-1", "Location": "http://127.0.0.1:9/"}
    expected = ApiAnswer(status=status, content=b'{"a":1}', request_id="r-1")
    api = given(expected, lambda peer: peer.answer(status, b'{"a":1}', headers))

    assert expected == api.predict(MODEL, BODY, key=KEY)


def test_an_answer_without_an_id_has_none(given: Given) -> None:
    """As those of others have."""
    expected = ApiAnswer(status=502, content=b"<html>", request_id=None)
    api = given(expected, lambda peer: peer.answer(502, b"<html>"))

    assert expected == api.predict(MODEL, BODY, key=KEY)


def test_an_answer_that_ends_with_its_connection_is_whole(given: Given) -> None:
    """And so is one in chunks."""
    expected = ApiAnswer(status=200, content=b"abc", request_id=None)

    def until_closed(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")

    def in_chunks(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        peer.send(b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")

    for script in (until_closed, in_chunks):
        assert expected == given(expected, script).predict(MODEL, BODY, key=KEY)


def read_and_leave(peer: Peer) -> None:
    peer.read_request()


def leave_within_an_answer(peer: Peer) -> None:
    peer.read_request()
    peer.send(response(200, b"a" * 1_000)[:500])


def leave_within_a_chunk(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc")


def answer_in_no_http(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"nonsense\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (read_and_leave, NoAnswerError()),
        (leave_within_an_answer, NotHttpError()),
        (leave_within_a_chunk, NotHttpError()),
        (answer_in_no_http, NotHttpError()),
    ],
)
def test_what_is_no_whole_answer_is_an_error(
    given: Given, script: Script, error: NoAnswerError
) -> None:
    """Its code says which."""
    with pytest.raises(type(error)) as raised:
        given(error, script).predict(MODEL, BODY, key=KEY)

    assert error.code == raised.value.code


def trickle_an_answer(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    peer.trickle(b" ")


@pytest.mark.parametrize("script", [Peer.stay_silent, trickle_an_answer])
def test_silence_and_endless_answers_are_time_outs(given: Given, script: Script) -> None:
    """A call has one limit, in however many pieces its answer comes."""
    with pytest.raises(ApiTimeoutError):
        given(ApiTimeoutError(), script, timeout_s=SILENCE_S).predict(MODEL, BODY, key=KEY)


def test_the_call_is_a_callers() -> None:
    """The route of the model, its name percent-encoded, with the key; nobody is asked to wait."""
    with FaultServer(lambda peer: peer.answer(200)) as server:
        HttpPredictionApi(f"{server.url}/api/v1").predict(MODEL, BODY, key=KEY)

    (request,) = server.requests
    assert ("POST", "/api/v1/models/my%20model%2F%C3%BC/predict") == (request.method, request.path)
    assert f"Bearer {KEY}" == request.headers["authorization"]
    assert "application/json" == request.headers["content-type"]
    assert BODY == request.content
    assert not {"prefer", "idempotency-key"} & request.headers.keys()


def test_a_refused_connection_is_no_answer() -> None:
    """As while the API's name leads nowhere."""
    with nobody_listening() as url, pytest.raises(NoAnswerError) as raised:
        HttpPredictionApi(f"{url}/api/v1").predict(MODEL, BODY, key=KEY)

    assert "connection_failed" == raised.value.code


def test_of_an_endless_answer_the_beginning_is_read() -> None:
    """The function's memory is bounded."""

    def flood(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.flood(b" " * 1_000_000)

    with FaultServer(flood) as server:
        answer = HttpPredictionApi(f"{server.url}/api/v1").predict(MODEL, BODY, key=KEY)

    assert MAX_ANSWER_BYTES < len(answer.content) <= MAX_ANSWER_BYTES + 1

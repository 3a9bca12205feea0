"""Whatever the provider does, an attempt ends in time, with the right error."""

import json
import logging
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.common.deadline import Deadline
from functions.common.errors import (
    ConnectionFailedError,
    ModelWarmingUpError,
    ProviderError,
    ProviderRateLimitedError,
    ServiceError,
)
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.providers.huggingface.transport import Transport
from tests.builders import a_live_deployment, body_of
from tests.faults.behaviour import Behaviour
from tests.faults.behaviours import BEHAVIOURS, SILENCE, SIZE
from tests.faults.scripts import CANARY, CHUNKED, RIGHT, SMALL_BODY, answers, right, sends
from tests.faults.server import (
    FaultServer,
    Peer,
    Script,
    accepting_nobody,
    nobody_listening,
    response,
)

IMPATIENT_S = 1.0
PATIENT_S = 20.0
"""Only a silent provider makes a client wait so long."""
HANGING_S = 5.0
TOKEN = "hf_token-of-ours"
PREDICTED = Predictions([1], str(RIGHT["deployment_id"]))


def invoke(
    transport: Transport,
    url: str,
    body: bytes = SMALL_BODY,
    *,
    runtime: str = "toolkit",
    timeout_s: float = PATIENT_S,
) -> Predictions:
    """Return a prediction of a deployment whose endpoint has that URL."""
    client = HuggingFaceInference(
        endpoint_domain="127.0.0.1", token=lambda: TOKEN, transport=transport
    )
    deployment = a_live_deployment(endpoint_url=url, runtime=runtime)
    return client.invoke(deployment, body_of(body), deadline=Deadline.after(timeout_s))


def failure(
    transport: Transport,
    url: str,
    body: bytes = SMALL_BODY,
    *,
    runtime: str = "toolkit",
    timeout_s: float = PATIENT_S,
) -> ServiceError:
    """Return the error of that prediction, which does not hang."""
    started = time.monotonic()
    with pytest.raises(ServiceError) as raised:
        invoke(transport, url, body, runtime=runtime, timeout_s=timeout_s)
    assert time.monotonic() - started < timeout_s + HANGING_S
    return raised.value


def assert_quotes_nothing(error: ServiceError) -> None:
    """Check the error's detail and its traceback with all causes."""
    shown = error.detail + "".join(traceback.format_exception(error))
    for secret in (CANARY, TOKEN, "the-deployment-secret"):
        assert secret not in shown
    assert "127.0.0.1" not in error.detail
    assert len(error.detail) < 600


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=str)
def test_every_fault_has_one_meaning(
    transport: Transport, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    """It is raised after one attempt, in time; the next call finds a healthy provider."""
    caplog.set_level(logging.DEBUG)
    runtime = behaviour.runtime
    silent = behaviour.script in [each.script for each in SILENCE]
    timeout_s = IMPATIENT_S if silent else PATIENT_S
    with FaultServer(behaviour.script) as server:
        error = failure(transport, server.url, behaviour.body, runtime=runtime, timeout_s=timeout_s)

        assert behaviour.error is type(error)
        assert 1 == server.connections
        server.script = right
        assert PREDICTED == invoke(transport, server.url, runtime=runtime)
    assert_quotes_nothing(error)
    assert CANARY not in caplog.text


@pytest.mark.parametrize("behaviour", [each for each in BEHAVIOURS if "429" in each.name], ids=str)
def test_only_the_providers_own_retry_after_is_noted(
    transport: Transport, behaviour: Behaviour
) -> None:
    """Without one, callers get our default."""
    with FaultServer(behaviour.script) as server:
        error = failure(transport, server.url, runtime=behaviour.runtime)

    assert isinstance(error, ProviderRateLimitedError)
    assert behaviour.retry_after_s == error.provider_retry_after_s
    assert (behaviour.retry_after_s or 5) == error.retry_after_s


def test_the_body_of_a_refusal_is_not_read_for_ever(transport: Transport) -> None:
    """Its status says nearly all."""
    (endless,) = [each for each in SIZE if each.error is ModelWarmingUpError]
    with FaultServer(endless.script) as server:
        url = f"http://127.0.0.1:{server.port}/"
        answer = transport.post(url, {}, SMALL_BODY, deadline=Deadline.after(PATIENT_S))

    assert (503, 64 * 1024) == (answer.status, len(answer.content))


def test_a_starting_endpoints_retry_after_is_passed_on(transport: Transport) -> None:
    """Without one, the default stands."""
    with FaultServer(answers(503, Retry_After="12")) as server:
        provided = failure(transport, server.url).retry_after_s
        server.script = answers(503)
        by_default = failure(transport, server.url).retry_after_s

    assert (12, ModelWarmingUpError.default_retry_after_s) == (provided, by_default)


def test_a_port_that_refuses(transport: Transport) -> None:
    """No request was sent, so another attempt is safe."""
    with nobody_listening() as url:
        error = failure(transport, url)

    assert ConnectionFailedError is type(error)
    assert_quotes_nothing(error)


def test_a_server_that_accepts_nobody(transport: Transport) -> None:
    """There is time left to try again."""
    with accepting_nobody() as url:
        error = failure(transport, url, timeout_s=IMPATIENT_S)

    assert ConnectionFailedError is type(error)


def test_a_connection_is_kept_alive(transport: Transport) -> None:
    """Handshakes are expensive; a refusal does not end the connection."""

    def answer_all(peer: Peer) -> None:
        peer.answer(200, RIGHT)
        peer.answer(503, {"error": "starting"})
        while True:
            peer.answer(200, RIGHT)

    with FaultServer(answer_all) as server:
        assert PREDICTED == invoke(transport, server.url)
        assert ModelWarmingUpError is type(failure(transport, server.url))
        assert PREDICTED == invoke(transport, server.url)
        assert PREDICTED == invoke(transport, server.url)

        assert 1 == server.connections


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_part_of_an_answer_is_an_error(transport: Transport, framing: str, end: str) -> None:
    """Wherever the connection ends."""
    content = json.dumps(RIGHT).encode()
    whole = response(200, content)
    if framing == "chunks":
        whole = CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    errors = []
    with FaultServer(sends(whole)) as server:
        for cut in range(len(whole)):
            server.script = sends(whole[:cut], end)
            errors.append(type(failure(transport, server.url)))
        server.script = sends(whole)
        assert PREDICTED == invoke(transport, server.url)

    assert [ConnectionFailedError, *(len(whole) - 1) * [ProviderError]] == errors


def test_threads_do_not_mix_their_answers(transport: Transport) -> None:
    """They share the connections that are kept alive."""

    def echo(peer: Peer) -> None:
        while True:
            sent = peer.read_request().json()["inputs"]["inputs"]
            peer.send(response(200, {**RIGHT, "predictions": sent}))

    def ask(number: int) -> object:
        return invoke(transport, server.url, b'{"inputs": %d}' % number).values

    with FaultServer(echo) as server, ThreadPoolExecutor(8) as threads:
        assert list(range(400)) == list(threads.map(ask, range(400)))
        assert server.connections <= 8


def test_a_kept_alive_connection_that_ended_unseen_says_so(transport: Transport) -> None:
    """The request may have been lost; a retry is decided elsewhere."""

    def answer_then_reset_the_next(peer: Peer) -> None:
        peer.answer(200, RIGHT)
        peer.read_request()
        peer.reset()

    with FaultServer(answer_then_reset_the_next) as server:
        assert PREDICTED == invoke(transport, server.url)
        assert ConnectionFailedError is type(failure(transport, server.url))
        assert 1 == server.connections


def test_surplus_bytes_are_no_answer(transport: Transport) -> None:
    """The next caller would get them."""
    surplus = response(200, {**RIGHT, "predictions": [CANARY]})

    def answer_twice(peer: Peer) -> None:
        peer.read_request()
        peer.send(response(200, RIGHT) + surplus)
        peer.stay_silent()

    with FaultServer(answer_twice) as server:
        answered = [invoke(transport, server.url) for _ in range(3)]

        assert 3 == server.connections
    assert 3 * [PREDICTED] == answered


@pytest.mark.parametrize(
    "script",
    [
        lambda peer: (peer.send(b"HTTP/1.1 103 Hints\r\n\r\n"), peer.answer(200, RIGHT)),
        lambda peer: peer.answer(200, RIGHT, {"Connection": "close"}),
        lambda peer: peer.answer(200, RIGHT, {"Content-Encoding": "identity"}),
        lambda peer: peer.answer(200, RIGHT, {"Content-Type": "text/plain"}),
    ],
    ids=["early hints", "closes", "identity", "declared to be something else"],
)
def test_odd_but_whole_answers_are_answers(transport: Transport, script: Script) -> None:
    """Unusual responses are not faults."""
    with FaultServer(script) as server:
        assert PREDICTED == invoke(transport, server.url)

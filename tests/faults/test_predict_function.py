"""Faults of the provider, as a caller of the API sees them through the whole predict function."""

from collections.abc import Iterator

import pytest

from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ConnectionFailedError,
    ModelWarmingUpError,
    ProviderRateLimitedError,
)
from functions.predict.resilience.retrying_client import ATTEMPTS
from tests.builders import changed
from tests.faults.behaviour import Behaviour
from tests.faults.behaviours import BEHAVIOURS
from tests.faults.predict_function import RIGHT_DEPLOYMENT, TOKEN, PredictFunction, running
from tests.faults.scripts import CANARY, RIGHT, SMALL_BODY, answers
from tests.faults.server import FaultServer, Peer, nobody_listening

DEADLINE_S = 2


@pytest.fixture(scope="module")
def function() -> Iterator[PredictFunction]:
    """Run one environment for all tests; each test serves a deployment of its own."""
    with running(deadline_s=DEADLINE_S) as function:
        # The work of a new environment would count against the first test's deadline.
        with FaultServer(answers(200, RIGHT)) as server:
            function.serve(server.url)
            function.call(SMALL_BODY)
        yield function


def expected_attempts(behaviour: Behaviour) -> set[int]:
    """Return the numbers of attempts: one, and more for a lost connection only."""
    if behaviour.error is ConnectionFailedError:
        return {ATTEMPTS}
    return {1}


def of_runtime(behaviour: Behaviour) -> Deployment:
    """Return the deployment that an endpoint of that runtime was made for."""
    return changed(RIGHT_DEPLOYMENT, runtime=behaviour.runtime)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=str)
def test_every_fault_is_a_problem_response(function: PredictFunction, behaviour: Behaviour) -> None:
    """It has a code and the time after which to try again; attempts are bounded."""
    with FaultServer(behaviour.script) as server:
        function.serve(server.url, of_runtime(behaviour))
        answer = function.call(behaviour.body)

        assert server.connections in expected_attempts(behaviour)

    error = behaviour.error
    assert (error.status, error.code) == (answer.status, answer.body["code"])
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert answer.headers["X-Request-Id"] == answer.body["request_id"]
    assert answer.headers.get("Retry-After") == _text(answer.body.get("retry_after_s"))
    if behaviour.retry_after_s is not None:
        assert behaviour.retry_after_s <= answer.body["retry_after_s"]
    for secret in (CANARY, TOKEN, "the-deployment-secret", "127.0.0.1"):
        assert secret not in answer.text


def _text(seconds: int | None) -> str | None:
    return None if seconds is None else str(seconds)


@pytest.mark.parametrize(
    "behaviour",
    [each for each in BEHAVIOURS if each.error in {ModelWarmingUpError, ProviderRateLimitedError}],
    ids=str,
)
def test_a_retryable_error_has_retry_after(function: PredictFunction, behaviour: Behaviour) -> None:
    """A starting model and a rate limit always have one."""
    with FaultServer(behaviour.script) as server:
        function.serve(server.url, of_runtime(behaviour))
        answer = function.call(SMALL_BODY)

    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.body["retryable"]


def test_a_port_that_refuses_is_a_provider_error(function: PredictFunction) -> None:
    """After the last attempt."""
    with nobody_listening() as url:
        function.serve(url)
        answer = function.call(SMALL_BODY)

    assert (502, "provider_error") == (answer.status, answer.body["code"])


def test_a_lost_connection_is_retried(function: PredictFunction) -> None:
    """The second attempt is answered."""

    def reset_once(peer: Peer) -> None:
        server.script = answers(200, RIGHT)
        peer.read_request()
        peer.reset()

    with FaultServer(reset_once) as server:
        function.serve(server.url)
        answer = function.call(SMALL_BODY)

        assert (200, [1]) == (answer.status, answer.body["predictions"])
        assert 2 == server.connections


def test_a_short_rate_limit_is_waited_for(function: PredictFunction) -> None:
    """As the provider asks."""

    def limited_once(peer: Peer) -> None:
        server.script = answers(200, RIGHT)
        answers(429, Retry_After="1")(peer)

    with FaultServer(limited_once) as server:
        function.serve(server.url)
        answer = function.call(SMALL_BODY)

    assert (200, [1]) == (answer.status, answer.body["predictions"])

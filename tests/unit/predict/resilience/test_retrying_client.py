"""Retries, waits and the circuit breaker within one deadline."""

from typing import Any

import pytest

from functions.common.circuits.state import Circuit
from functions.common.deadline import Deadline
from functions.common.errors import (
    AnswerTooLargeError,
    ConnectionFailedError,
    ModelFailedError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.signatures.body import RequestBody
from functions.predict.resilience.circuit_breaker import CircuitBreaker
from functions.predict.resilience.retrying_client import RetryingClient
from tests.builders import a_live_deployment
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.inference_client import FakeClock, FakeInferenceClient

DEPLOYMENT = a_live_deployment()
DEADLINE_S = 25.0
LOST = ConnectionFailedError("lost")
SLEEPING = ModelWarmingUpError("asleep")


class Caller:
    """A client of an endpoint that answers *script*, then `[1.0]`; only sleeping takes time."""

    def __init__(self, *script: Any) -> None:
        self.clock = FakeClock(1_800_000_000.0)
        self.states = FakeCircuitStateStore()
        self.endpoint = FakeInferenceClient([1.0], script=script)
        breaker = CircuitBreaker(
            self.states, now=self.clock, sleep=self.clock.sleep, jitter=lambda: 1.0
        )
        self.client = RetryingClient(
            self.endpoint, breaker, sleep=self.clock.sleep, jitter=lambda: 1.0
        )

    def predict(
        self, *, wait_s: float = 0, deadline_s: float = DEADLINE_S, may_wait: bool = True
    ) -> Any:
        return self.client.predict(
            DEPLOYMENT,
            RequestBody.of({}),
            deadline=Deadline.after(deadline_s, clock=self.clock),
            wait_until=Deadline.after(wait_s, clock=self.clock) if wait_s else None,
            may_wait=lambda: may_wait,
        ).values

    def attempts(self) -> int:
        return len(self.endpoint.sent)

    def circuit(self) -> Circuit:
        return self.states.get(DEPLOYMENT.id).circuit(self.clock.now)


@pytest.mark.parametrize(
    ("script", "attempts"),
    [
        ((LOST,), 2),
        ((LOST, LOST), 3),
        ((ProviderRateLimitedError("slow down", provider_retry_after_s=2),), 2),
    ],
)
def test_what_can_help_is_tried_again(script: tuple[ServiceError, ...], attempts: int):
    """A lost connection at once, a rate limit after the time that the provider asks for."""
    caller = Caller(*script)

    assert [1.0] == caller.predict()
    assert attempts == caller.attempts()


@pytest.mark.parametrize(
    "error",
    [
        ProviderTimeoutError("silent"),
        ProviderError("500"),
        AnswerTooLargeError("4 MB"),
        ModelFailedError("broken"),
        ModelRejectedInputError("no"),
        ProviderRateLimitedError("slow down"),
        ProviderRateLimitedError("slow down", provider_retry_after_s=30),
        SLEEPING,
    ],
)
def test_what_cannot_help_is_not_tried_again(error: ServiceError):
    """The caller gets the error at once, with the provider's own `Retry-After` if there was one."""
    caller = Caller(error)

    with pytest.raises(type(error)) as raised:
        caller.predict()

    assert 1 == caller.attempts()
    assert error.code == raised.value.code


def test_attempts_are_bounded():
    """The caller gets the last error, not the first refusal of the circuit."""
    caller = Caller(*[LOST] * 10)

    with pytest.raises(ConnectionFailedError):
        caller.predict()

    assert 3 == caller.attempts()


def test_a_rate_limit_beyond_the_deadline_is_not_waited_for():
    """Waiting for it would only waste the caller's time."""
    caller = Caller(ProviderRateLimitedError("slow down", provider_retry_after_s=4))

    with pytest.raises(ProviderRateLimitedError) as raised:
        caller.predict(deadline_s=4)

    assert 4 == raised.value.retry_after_s


def test_one_lost_request_to_a_model_that_just_answered_is_made_again():
    """Providers lose a request now and then, and answer that no replica is ready."""
    caller = Caller([0.5], SLEEPING)
    caller.predict()

    assert [1.0] == caller.predict()
    assert Circuit.CLOSED is caller.circuit()


def test_the_models_own_errors_do_not_open_the_circuit():
    """Its endpoint is healthy: it answers."""
    caller = Caller(*[ModelFailedError("broken"), ModelRejectedInputError("no")] * 10)

    for _ in range(20):
        with pytest.raises(ServiceError):
            caller.predict()

    assert (20, Circuit.CLOSED) == (caller.attempts(), caller.circuit())


def test_answers_that_are_too_large_do_not_open_the_circuit():
    """One caller who asks for too much takes the model from nobody else."""
    caller = Caller(*[AnswerTooLargeError("4 MB")] * 10)

    for _ in range(10):
        with pytest.raises(AnswerTooLargeError):
            caller.predict()

    assert (10, Circuit.CLOSED) == (caller.attempts(), caller.circuit())


def test_failures_in_a_row_open_the_circuit():
    """From then on the provider is not called."""
    caller = Caller(*[ProviderError("500")] * 20)

    codes = []
    for _ in range(10):
        with pytest.raises(ServiceError) as raised:
            caller.predict()
        codes.append(raised.value.code)

    assert ["provider_error"] * 5 + ["circuit_open"] * 5 == codes
    assert (5, Circuit.OPEN) == (caller.attempts(), caller.circuit())


def test_a_caller_who_would_rather_wait_gets_its_prediction():
    """Attempts go on until the model is awake."""
    caller = Caller(SLEEPING, SLEEPING, SLEEPING)

    assert [1.0] == caller.predict(wait_s=20)
    assert 4 == caller.attempts()


def test_a_caller_who_would_rather_wait_waits_no_longer_than_that():
    """Then the caller gets the error."""
    caller = Caller(*[SLEEPING] * 50)
    began = caller.clock.now

    with pytest.raises(ModelWarmingUpError):
        caller.predict(wait_s=10)

    assert 10 >= caller.clock.now - began > 5


def test_a_caller_beyond_the_bound_does_not_wait() -> None:
    """It has woken the model, and knows when to come back."""
    caller = Caller(SLEEPING)
    began = caller.clock.now

    with pytest.raises(ModelWarmingUpError) as refused:
        caller.predict(wait_s=20, may_wait=False)

    assert (1, began) == (caller.attempts(), caller.clock.now)
    assert refused.value.retry_after_s

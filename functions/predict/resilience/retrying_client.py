"""Calls of an endpoint within one deadline: through the circuit breaker, with retries."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import (
    AnswerTooLargeError,
    CircuitOpenError,
    ConnectionFailedError,
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderRateLimitedError,
    ProviderRefusalError,
    RateLimitedError,
    ServiceError,
)
from functions.common.providers.base import InferenceClient, Predictions
from functions.common.signatures.body import RequestBody
from functions.common.wide_event import WideEvent
from functions.predict.resilience.circuit_breaker import CircuitBreaker, Permit

ATTEMPTS = 3
LEAST_S = 0.5
"""Seconds. With less time left, another attempt would only be cut short."""
LEFT_FOR_THE_MODEL_S = 2.0
"""Part of the deadline that waiting for a starting model leaves for the prediction itself."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0
_LONGEST_RATE_LIMIT_S = 5.0
"""A longer one is the caller's to wait for."""
_POLL_S = 1.0
"""Seconds between attempts for a caller that prefers to wait for a starting model."""


class RetryingClient:
    """Calls endpoints with *client*, as far as *breaker* permits."""

    def __init__(
        self,
        client: InferenceClient,
        breaker: CircuitBreaker,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._breaker = breaker
        self._sleep = sleep
        self._jitter = jitter

    def predict(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        wait_until: Deadline | None = None,
        may_wait: Callable[[], bool] = lambda: True,
        request_id: str | None = None,
        wide_event: WideEvent | None = None,
    ) -> Predictions:
        """Predict with *body*; until *wait_until* wait for a starting model. None: do not wait.

        *may_wait* is asked before each pause of it. *wide_event* gets the number of attempts, and
        whether the model had to be woken.

        Raises: whatever `InferenceClient.invoke` and `CircuitBreaker.acquire` raise.
        """
        patience = _Patience(deadline, wait_until, may_wait)
        event = wide_event or WideEvent()
        attempt, failure = 0, None
        while True:
            try:
                permit = self._acquire(deployment, deadline, patience)
            except CircuitOpenError as refusal:
                # The error of this very call says more than the refusal of its retry.
                raise failure or refusal from None
            attempt += 1
            event.note(attempts=attempt)
            try:
                predictions = self._client.invoke(
                    deployment, body, deadline=deadline, request_id=request_id
                )
            except ServiceError as error:
                failure = self._record(error, permit, attempt)
                if isinstance(failure, ModelWarmingUpError):
                    event.note(woke=True)
                if failure is error:
                    pause = retry_pause_s(error, attempt, deadline.left_s(), self._jitter())
                else:
                    pause = patience.pause_s(self._jitter())
                if pause is None:
                    raise failure from error.__cause__
                self._sleep(pause)
            else:
                self._breaker.answered(permit)
                return predictions

    def _acquire(self, deployment: Deployment, deadline: Deadline, patience: "_Patience") -> Permit:
        """Raises: CircuitOpenError, ModelWarmingUpError, ModelNotReadyError."""
        half_time = deadline.within(deadline.left_s() / 2)
        while True:
            try:
                return self._breaker.acquire(deployment, deadline=half_time)
            except ModelWarmingUpError:
                if (pause := patience.pause_s(self._jitter())) is None:
                    raise
                self._sleep(pause)

    def _record(self, error: ServiceError, permit: Permit, attempt: int) -> ServiceError:
        """Record *error* with the circuit breaker; return the error for the caller."""
        match error:
            case ModelWarmingUpError() if permit.free and attempt < ATTEMPTS:
                self._breaker.suspect(permit)
            case ModelWarmingUpError(provider_retry_after_s=retry_after_s):
                return self._breaker.asleep(permit, provider_retry_after_s=retry_after_s)
            case ModelNotReadyError():
                self._breaker.not_ready(permit)
            case ModelRejectedInputError() | ModelFailedError():
                self._breaker.answered(permit)
            case PayloadTooLargeError() | AnswerTooLargeError():
                self._breaker.release(permit)
            case ProviderRefusalError() | RateLimitedError():
                self._breaker.release(permit)
            case _:
                self._breaker.failed(permit)
        return error


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long a caller waits for a starting model."""

    deadline: Deadline
    wait_until: Deadline | None
    may_wait: Callable[[], bool]

    def pause_s(self, jitter: float) -> float | None:
        """Return the pause before the next look; None: the caller does not wait any longer."""
        if self.wait_until is None:
            return None
        pause = _POLL_S * (0.5 + jitter)
        left_s = min(self.wait_until.left_s(), self.deadline.left_s() - LEFT_FOR_THE_MODEL_S)
        return pause if pause < left_s and self.may_wait() else None


def retry_pause_s(error: ServiceError, attempt: int, left_s: float, jitter: float) -> float | None:
    """Return the seconds before the next attempt; None: no retry.

    *attempt* counts those made, from 1; *left_s* is the time until the deadline, *jitter* a random
    number from 0 to 1. A timeout is not retried: the model may still be working on the request,
    and most of the time is gone.

    Source: the exponential backoff with full jitter of
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    if attempt >= ATTEMPTS:
        return None
    match error:
        case ConnectionFailedError() | ModelWarmingUpError():
            pause = jitter * min(_FIRST_PAUSE_S * 2 ** (attempt - 1), _LONGEST_PAUSE_S)
        case ProviderRateLimitedError(provider_retry_after_s=int(retry_after_s)):
            if retry_after_s > _LONGEST_RATE_LIMIT_S:
                return None
            pause = retry_after_s + jitter * _FIRST_PAUSE_S
        case _:
            return None
    return pause if pause + LEAST_S < left_s else None

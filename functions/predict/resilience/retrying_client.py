"""Calls of an endpoint within one deadline: through the gate, and again where that can help."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import (
    CircuitOpenError,
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderRefusalError,
    RateLimitedError,
    ServiceError,
)
from functions.common.providers.base import InferenceClient, Predictions
from functions.predict.resilience.circuit_breaker import Gate, Pass
from functions.predict.resilience.retries import ATTEMPTS, pause_s

_ASKED_AGAIN_S = 1.0
"""How often a caller who would rather wait looks whether the model is awake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a caller waits; Unix seconds.

    Attributes:
        deadline: When the answer must be there, or the call has failed.
        wait_until: Until when it would rather wait for a starting model than be told so.
    """

    deadline: float
    wait_until: float = 0.0


class Calls:
    """Calls endpoints with *client*, as *gate* lets them."""

    def __init__(
        self,
        client: InferenceClient,
        gate: Gate,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._gate = gate
        self._now = now
        self._sleep = sleep
        self._jitter = jitter

    def predict(self, deployment: Deployment, body: bytes, patience: Patience) -> Predictions:
        """Predict with *body*.

        Raises: whatever `InferenceClient.invoke` and `Gate.admit` raise.
        """
        attempt, failure = 0, None
        while True:
            try:
                call = self._admitted(deployment, patience)
            except CircuitOpenError as refusal:
                # Of the two, what this very call has met is the better word.
                raise failure or refusal from None
            attempt += 1
            left_s = patience.deadline - self._now()
            try:
                predictions = self._client.invoke(deployment, body, deadline=Deadline.after(left_s))
            except ServiceError as error:
                failure, pause = self._after(error, call, attempt, patience)
                if pause is None:
                    raise failure from error.__cause__
                self._sleep(pause)
            else:
                self._gate.answered(call)
                return predictions

    def _admitted(self, deployment: Deployment, patience: Patience) -> Pass:
        """Raises: CircuitOpenError, ModelWarmingUpError, ModelNotReadyError."""
        now = self._now()
        half_time = now + (patience.deadline - now) / 2
        while True:
            try:
                return self._gate.admit(deployment, give_up_at=half_time)
            except ModelWarmingUpError:
                if (pause := self._until_asked_again_s(patience)) is None:
                    raise
                self._sleep(pause)

    def _after(
        self, error: ServiceError, call: Pass, attempt: int, patience: Patience
    ) -> tuple[ServiceError, float | None]:
        """Tell the gate of *error*; what to tell the caller, and the pause before the next try."""
        match error:
            case ModelWarmingUpError() if not (call.free and attempt < ATTEMPTS):
                told = self._gate.asleep(call, provider_retry_after_s=error.provider_retry_after_s)
                return told, self._until_asked_again_s(patience)
            case ModelWarmingUpError():
                self._gate.doubted(call)
            case ModelNotReadyError():
                self._gate.unready(call)
            case ModelRejectedInputError() | ModelFailedError():
                self._gate.answered(call)
            case PayloadTooLargeError() | ProviderRefusalError() | RateLimitedError():
                self._gate.found_nothing_out(call)
            case _:
                self._gate.failed(call)
        left_s = patience.deadline - self._now()
        return error, pause_s(error, attempt=attempt, left_s=left_s, jitter=self._jitter())

    def _until_asked_again_s(self, patience: Patience) -> float | None:
        """None: the caller would rather be told."""
        pause = _ASKED_AGAIN_S * (0.5 + self._jitter())
        return pause if self._now() + pause < patience.wait_until else None

"""Lets calls through to an endpoint, or holds them back, and hears how they went.

One gate per execution environment; what it learns it shares. The usual case costs nothing: an
environment whose own last call was answered a moment ago asks nobody.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.common.circuits.state import Admission, CircuitState, Phase
from functions.common.circuits.store import CircuitStateStore
from functions.common.deployments.record import Deployment
from functions.common.errors import (
    CircuitOpenError,
    ModelNotReadyError,
    ModelWarmingUpError,
    ServiceError,
)
from functions.predict.resilience.starts import first_wake_s
from functions.predict.resilience.state_cache import Transition, View

OWN_ANSWER_FREES_FOR_S = 0.25
ANSWERS_SHARED_EVERY_S = 10.0
"""A third of the time for which a shared answer makes calls free."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A call that was let through.

    Attributes:
        started_at: Unix seconds.
        free: The endpoint is known to answer; otherwise this call finds out for all.
    """

    deployment: Deployment
    started_at: float
    free: bool


class Gate:
    """Decides by `CircuitState`, and keeps it up to date.

    When the shared conditions are out of reach every call goes. *on_transition* hears of every
    change that this environment has made.
    """

    def __init__(
        self,
        conditions: CircuitStateStore,
        *,
        on_transition: Callable[[Transition], None] = lambda _transition: None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._view = View(conditions, on_transition=on_transition, now=now)
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._freed_until: dict[str, float] = {}

    def admit(self, deployment: Deployment, *, give_up_at: float) -> Pass:
        """Let a call through, perhaps after waiting for what another one finds out.

        *give_up_at* (Unix seconds) bounds the waiting.

        Raises: CircuitOpenError, ModelWarmingUpError, ModelNotReadyError.
        """
        now = self._now()
        if now < self._freed_until.get(deployment.id, 0.0):
            return Pass(deployment=deployment, started_at=now, free=True)
        free = self._wait(deployment, give_up_at)
        return Pass(deployment=deployment, started_at=self._now(), free=free)

    def answered(self, call: Pass) -> None:
        """It answered, with a prediction or with what it has against the input."""
        now = self._now()
        self._freed_until[call.deployment.id] = now + OWN_ANSWER_FREES_FOR_S
        if not (call.free and self._shared_lately(call.deployment, now)):
            self._view.change(call.deployment, lambda condition: condition.answered(now))

    def failed(self, call: Pass) -> None:
        """It did not answer, or with nothing that makes sense."""
        now = self._now()
        self._note(call, lambda condition: condition.failed(now, started_at=call.started_at))

    def doubted(self, call: Pass) -> None:
        """It was known to answer, and was said not to be there."""
        now = self._now()
        self._note(call, lambda condition: condition.doubted(now))

    def asleep(
        self, call: Pass, *, provider_retry_after_s: int | None = None
    ) -> ModelWarmingUpError:
        """No replica answers yet; what to tell the caller, who is not sent back sooner than the
        provider itself has said."""
        now = self._now()
        condition = self._note(call, lambda condition: condition.asleep(now))
        condition = condition or CircuitState().asleep(now)
        return _warming_up(call.deployment, condition, now, at_least_s=provider_retry_after_s or 0)

    def unready(self, call: Pass) -> None:
        """It is paused or gone."""
        now = self._now()
        self._note(call, lambda condition: condition.unready(now))

    def found_nothing_out(self, call: Pass) -> None:
        """The call ended for a reason that says nothing about the endpoint."""
        if not call.free:
            now = self._now()
            self._note(call, lambda condition: condition.with_turn_released(now))

    def _wait(self, deployment: Deployment, give_up_at: float) -> bool:
        """Whether the call is free; otherwise it has the turn."""
        pause_s = _FIRST_PAUSE_S
        while condition := self._view.look(deployment):
            now = self._now()
            match condition.admission(now):
                case Admission.FREE:
                    return True
                case Admission.TURN if self._takes_turn(deployment, condition):
                    return False
                case Admission.REFUSED:
                    raise _refusal(deployment, condition, now)
            if now + pause_s > give_up_at:
                raise CircuitOpenError("The model has not answered for some time. Try again.")
            self._sleep(pause_s * (0.5 + self._jitter()))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return True

    def _takes_turn(self, deployment: Deployment, seen: CircuitState) -> bool:
        taken = self._view.replace(deployment, seen, seen.with_turn_taken(self._now()))
        return taken is not None

    def _shared_lately(self, deployment: Deployment, now: float) -> bool:
        seen = self._view.last_seen(deployment)
        return (
            seen is not None
            and seen.phase is Phase.CLOSED
            and not seen.failures
            and now - seen.answered_at < ANSWERS_SHARED_EVERY_S
        )

    def _note(
        self, call: Pass, change: Callable[[CircuitState], CircuitState]
    ) -> CircuitState | None:
        """What has just been found out is not outweighed by an earlier answer."""
        self._freed_until.pop(call.deployment.id, None)
        return self._view.change(call.deployment, change)


def _refusal(deployment: Deployment, condition: CircuitState, now: float) -> ServiceError:
    if condition.phase is Phase.WARMING:
        return _warming_up(deployment, condition, now)
    retry_after_s = condition.retry_after_s(now, first_wake_s=first_wake_s(deployment))
    if condition.phase is Phase.UNREADY:
        return ModelNotReadyError(
            "The model's endpoint is paused or gone.", retry_after_s=retry_after_s
        )
    return CircuitOpenError(
        "The model's endpoint keeps failing and is left alone for some seconds.",
        retry_after_s=retry_after_s,
    )


def _warming_up(
    deployment: Deployment, condition: CircuitState, now: float, *, at_least_s: int = 0
) -> ModelWarmingUpError:
    expected_s = condition.retry_after_s(now, first_wake_s=first_wake_s(deployment))
    return ModelWarmingUpError(
        "The model is starting. Try again soon.", retry_after_s=max(expected_s, at_least_s)
    )

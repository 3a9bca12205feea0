"""Circuit breaker: lets calls to an endpoint go or refuses them, and records their results.

One per execution environment, on a state that all environments share. The usual case costs no
read: after an answer of its own, an environment trusts the endpoint for a moment.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.common.circuits.state import Admission, CircuitState, Phase
from functions.common.circuits.store import CircuitStateStore
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import (
    CircuitOpenError,
    ModelNotReadyError,
    ModelWarmingUpError,
    ServiceError,
)
from functions.predict.resilience.state_cache import CircuitStateCache, Transition

OWN_ANSWER_TRUSTED_S = 0.25
ANSWER_SHARED_EVERY_S = 10.0
"""Seconds; a third of the time for which a shared answer lets calls go freely."""
UNKNOWN_START_S = 60.0
"""Seconds; between the 40 s measured for small CPU models and the documented 1 to 5 minutes."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Permission for one call.

    Attributes:
        started_at: Unix seconds.
        free: The endpoint is known to answer; otherwise this call is the probe.
    """

    deployment: Deployment
    started_at: float
    free: bool


class CircuitBreaker:
    """Decides by the shared `CircuitState`. While the state is unavailable every call goes.

    *on_transition* is called for every state change that this environment makes.
    """

    def __init__(
        self,
        store: CircuitStateStore,
        *,
        on_transition: Callable[[Transition], None] = lambda _transition: None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._states = CircuitStateCache(store, on_transition=on_transition, now=now)
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._trusted_until: dict[str, float] = {}

    def acquire(self, deployment: Deployment, *, deadline: Deadline) -> Permit:
        """Return a permit, perhaps after waiting until *deadline* for a probe's result.

        Raises: CircuitOpenError, ModelWarmingUpError, ModelNotReadyError.
        """
        free = self._now() < self._trusted_until.get(deployment.id, 0.0)
        free = free or self._wait_for_permit(deployment, deadline)
        return Permit(deployment=deployment, started_at=self._now(), free=free)

    def answered(self, permit: Permit) -> None:
        """Record an answer: a prediction, or the model's own error."""
        deployment, now = permit.deployment, self._now()
        self._trusted_until[deployment.id] = now + OWN_ANSWER_TRUSTED_S
        if not (permit.free and self._is_shared(deployment, now)):
            self._states.update(deployment, lambda state: state.answered(now))

    def failed(self, permit: Permit) -> None:
        """Record that there was no answer, or no usable one."""
        now = self._now()
        self._record(permit, lambda state: state.failed(now, started_at=permit.started_at))

    def suspect(self, permit: Permit) -> None:
        """Record that an endpoint known to answer seems to be gone."""
        now = self._now()
        self._record(permit, lambda state: state.suspect(now))

    def asleep(
        self, permit: Permit, *, provider_retry_after_s: int | None = None
    ) -> ModelWarmingUpError:
        """Record that no replica answers yet, and return the error for the caller.

        Its `retry_after_s` is at least *provider_retry_after_s*.
        """
        now = self._now()
        state = self._record(permit, lambda state: state.asleep(now))
        retry_after_s = state.retry_after_s(now, first_wake_s=first_wake_s(permit.deployment))
        return _warming_up(max(retry_after_s, provider_retry_after_s or 0))

    def not_ready(self, permit: Permit) -> None:
        """Record that the endpoint is paused or deleted."""
        now = self._now()
        self._record(permit, lambda state: state.not_ready(now))

    def release(self, permit: Permit) -> None:
        """Give back a permit whose call says nothing about the endpoint."""
        if not permit.free:
            now = self._now()
            self._record(permit, lambda state: state.release_probe(now))

    def _wait_for_permit(self, deployment: Deployment, deadline: Deadline) -> bool:
        """Return whether the call is free; otherwise it is the probe."""
        pause_s = _FIRST_PAUSE_S
        while state := self._states.read(deployment):
            now = self._now()
            match state.admission(now):
                case Admission.FREE:
                    return True
                case Admission.PROBE if self._states.replace(
                    deployment, state, state.claim_probe(now)
                ):
                    return False
                case Admission.REFUSED:
                    raise _refusal(deployment, state, now)
            if pause_s > deadline.left_s():
                raise CircuitOpenError("The model has not answered for some time. Try again.")
            self._sleep(pause_s * (0.5 + self._jitter()))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return True

    def _is_shared(self, deployment: Deployment, now: float) -> bool:
        """Return whether the other environments know of a recent answer."""
        latest = self._states.latest.get(deployment.id)
        return (
            latest is not None
            and latest.phase is Phase.CLOSED
            and not latest.failures
            and now - latest.answered_at < ANSWER_SHARED_EVERY_S
        )

    def _record(
        self, permit: Permit, change: Callable[[CircuitState], CircuitState]
    ) -> CircuitState:
        self._trusted_until.pop(permit.deployment.id, None)
        return self._states.update(permit.deployment, change)


def first_wake_s(deployment: Deployment) -> float:
    """Return the seconds from the endpoint's creation to its health: the first estimate of a
    wake-up."""
    times = {entry.step: entry.time for entry in deployment.timeline}
    if "create" not in times or "check" not in times:
        return UNKNOWN_START_S
    return max(1.0, (times["check"] - times["create"]).total_seconds())


def _refusal(deployment: Deployment, state: CircuitState, now: float) -> ServiceError:
    retry_after_s = state.retry_after_s(now, first_wake_s=first_wake_s(deployment))
    match state.phase:
        case Phase.WARMING:
            return _warming_up(retry_after_s)
        case Phase.NOT_READY:
            detail = "The model's endpoint is paused or gone, and no call starts it."
            return ModelNotReadyError(detail, retry_after_s=retry_after_s)
        case _:
            detail = "The model's endpoint keeps failing and is left alone for some seconds."
            return CircuitOpenError(detail, retry_after_s=retry_after_s)


def _warming_up(retry_after_s: int) -> ModelWarmingUpError:
    return ModelWarmingUpError(
        "The model is starting. Try again soon.", retry_after_s=retry_after_s
    )

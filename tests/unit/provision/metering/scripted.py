"""An endpoint whose life is written down beforehand, with what everybody can see of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from functions.common.circuits.state import CircuitState, Phase
from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import Endpoint, EndpointState
from tests.builders import HARDWARE, a_deployment, changed
from tests.unit.provision.endpoints import endpoint_of, with_endpoint

WAKE_S = 40
IDLE = timedelta(minutes=15)
USD_PER_HOUR = 0.067

type Kind = Literal["running", "asleep", "paused"]
_STATES = {
    "running": EndpointState.RUNNING,
    "asleep": EndpointState.ASLEEP,
    "paused": EndpointState.PAUSED,
}


@dataclass(frozen=True)
class ScriptedEndpoint:
    """Its stretches, the first one running, follow one another from *created_at*; then it is gone.

    It was last used 15 minutes before it fell asleep, and wakes by a call.
    """

    created_at: datetime
    stretches: Sequence[tuple[Kind, timedelta]]
    sleeper: bool
    deployment: Deployment = field(default_factory=lambda: with_endpoint(a_deployment()))

    @property
    def gone_at(self) -> datetime:
        return self.created_at + sum((length for _, length in self.stretches), timedelta())

    def usd_until(self, moment: datetime) -> float:
        """Return what it costs, exactly."""
        paid, start = timedelta(), self.created_at
        for kind, length in self.stretches:
            if kind == "running":
                paid += max(timedelta(), min(start + length, moment) - start)
            start += length
        return paid / timedelta(hours=1) * USD_PER_HOUR

    def seen(self, now: datetime) -> Endpoint | None:
        """Return it as the provider shows it; None before its creation, and once it is gone."""
        if not self.created_at <= now < self.gone_at:
            return None
        kind, _, by_hand, last_use = self._at(now)
        hardware = replace(HARDWARE, min_replicas=0, scale_to_zero_after_min=15)
        return endpoint_of(
            self.deployment,
            state=_STATES[kind],
            created_at=self.created_at,
            updated_at=by_hand,
            last_used_at=last_use,
            hardware=hardware if self.sleeper else HARDWARE,
        )

    def record(self, now: datetime) -> Deployment:
        """Return its deployment's record, which says when it was deleted."""
        if now < self.gone_at:
            return replace(self.deployment, status=Status.DEPLOYED)
        return changed(
            self.deployment,
            status=Status.STOPPED,
            removing=True,
            removed=True,
            removing_at=self.gone_at,
            updated_at=self.gone_at,
        )

    def circuit(self, now: datetime) -> CircuitState:
        """Return what calls have written: when it was woken last."""
        woken_at = self._at(now)[1]
        if woken_at is None:
            return CircuitState()
        if now < woken_at + timedelta(seconds=WAKE_S):
            return CircuitState(phase=Phase.WARMING, since=woken_at.timestamp())
        answered_at = woken_at.timestamp() + WAKE_S
        return CircuitState(since=answered_at, wake_s=WAKE_S, answered_at=answered_at)

    def _at(self, now: datetime) -> tuple[Kind, datetime | None, datetime, datetime | None]:
        """Return state, last wake-up, last change by hand, and last use."""
        start, woken_at, by_hand, last_use = self.created_at, None, self.created_at, None
        before: Kind = "running"
        for index, (kind, length) in enumerate(self.stretches):
            if index and "paused" in {kind, before}:
                by_hand = start
            if index and (before, kind) == ("asleep", "running"):
                woken_at = last_use = start
            if now < start + length:
                break
            before, start = kind, start + length
        ends = start + length
        sleeps_next = self.stretches[index + 1 : index + 2] and (
            self.stretches[index + 1][0] == "asleep"
        )
        if kind == "running" and sleeps_next:
            last_use = min(now, max(start, ends - IDLE))
        elif kind == "asleep":
            last_use = start - IDLE
        elif kind == "running" and self.sleeper:
            last_use = now
        return kind, woken_at, by_hand, last_use

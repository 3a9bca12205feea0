"""Circuit-breaker state of one endpoint, and whether the next call may go. Pure: no I/O, no clock.

While the endpoint is known to answer, calls go freely. Otherwise one call at a time is the
*probe*, and its result decides for everybody: after a silence the first call is the probe; behind
an open circuit the probe makes it half-open; a sleeping endpoint is woken by the probe, and later
probes find out whether it is awake. A probe may never report, so the next one starts after
`PROBE_INTERVAL_S` in any case.

Times are Unix seconds, because execution environments share the state. Their clocks differ by
milliseconds; the shortest interval here is three seconds.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

KNOWN_FOR_S = 30.0
"""Seconds for which an answer lets calls go freely; no endpoint sleeps before 15 idle minutes."""
AWAKE_FOR_S = 600.0
"""Seconds after an answer for which an endpoint is sure not to sleep, with time for what is begun
then."""
FAILURES_TO_SUSPECT = 3
FAILURES_TO_OPEN = 5
"""Failures in a row; a few lost requests are normal for a single replica."""
_LONGEST_RETRY_AFTER_S = 300


class Phase(StrEnum):
    """The last observation of an endpoint. The values are stored."""

    CLOSED = "closed"
    OPEN = "open"
    WARMING = "warming"
    NOT_READY = "unready"


PROBE_INTERVAL_S = {Phase.CLOSED: 3.0, Phase.OPEN: 6.0, Phase.WARMING: 4.0, Phase.NOT_READY: 8.0}
"""Seconds from one probe to the next. With 6 s behind an open circuit, an outage of a minute gets
ten probes, and its end is noticed within 10 s."""


class Circuit(StrEnum):
    """The circuit breaker's state as metrics and the API show it."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Admission(StrEnum):
    """The decision about one call."""

    FREE = "free"
    PROBE = "probe"
    WAIT = "wait"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitState:
    """Everything that the execution environments know about one deployment's endpoint.

    Attributes:
        failures: Consecutive failures that were reported.
        answered_at: Time of the last reported answer, a model's own error included; 0: never.
        since: Start of the phase.
        next_probe_at: From this time on the next call may claim the probe.
        probing: A probe was claimed since the circuit opened or the last probe reported.
        wake_s: Seconds that the endpoint takes to wake, learnt from its own wake-ups; None: unseen.
        checked_at: Time of the last comparison of its answers with the verified one; 0: never.
        version: Number of writes.
    """

    phase: Phase = Phase.CLOSED
    failures: int = 0
    answered_at: float = 0.0
    since: float = 0.0
    next_probe_at: float = 0.0
    probing: bool = False
    wake_s: float | None = None
    checked_at: float = 0.0
    version: int = 0

    def admission(self, now: float) -> Admission:
        """Decide about a call that arrives *now*."""
        if self._is_known_to_answer(now):
            return Admission.FREE
        if now >= self.next_probe_at:
            return Admission.PROBE
        return Admission.WAIT if self.phase is Phase.CLOSED else Admission.REFUSED

    def circuit(self, now: float) -> Circuit:
        """Return the state in the usual three terms; only failures open the circuit."""
        if self.phase is not Phase.OPEN:
            return Circuit.CLOSED
        return Circuit.HALF_OPEN if self.probing and now < self.next_probe_at else Circuit.OPEN

    def retry_after_s(self, now: float, *, first_wake_s: float) -> int:
        """Return the whole seconds after which a refused caller should try again.

        *first_wake_s* stands for `wake_s` until a wake-up has been seen.
        """
        if self.phase is not Phase.WARMING:
            return max(1, math.ceil(self.next_probe_at - now))
        elapsed_s = now - self.since
        left_s = (self.wake_s or first_wake_s) - elapsed_s
        # Overdue: the longer it has taken, the less a second more or less matters.
        wait_s = left_s if left_s > 0 else max(PROBE_INTERVAL_S[Phase.WARMING], elapsed_s / 4)
        return min(_LONGEST_RETRY_AFTER_S, max(1, math.ceil(wait_s)))

    def claim_probe(self, now: float) -> "CircuitState":
        """Reserve the probe for one call."""
        interval_s = PROBE_INTERVAL_S[self.phase]
        return replace(self, next_probe_at=now + interval_s, probing=self.phase is Phase.OPEN)

    def release_probe(self, now: float) -> "CircuitState":
        """Return the probe unused: the call ended without learning anything."""
        return replace(self, next_probe_at=now, probing=False)

    def answered(self, now: float) -> "CircuitState":
        """Record an answer, whatever it contained."""
        return replace(
            self,
            phase=Phase.CLOSED,
            failures=0,
            answered_at=max(now, self.answered_at),
            since=self.since if self.phase is Phase.CLOSED else now,
            next_probe_at=now,
            probing=False,
            wake_s=self._wake_s(now),
        )

    def failed(self, now: float, *, started_at: float) -> "CircuitState":
        """Record a failed call; one that began before a later answer changes nothing."""
        if started_at < self.answered_at:
            return self
        failures = self.failures + 1
        if self.phase is not Phase.OPEN and failures < FAILURES_TO_OPEN:
            return replace(self, failures=failures, next_probe_at=now)
        return replace(self._in(Phase.OPEN, now), failures=failures)

    def checked(self, now: float) -> "CircuitState":
        """Record that its answers were compared."""
        return replace(self, checked_at=max(now, self.checked_at))

    def suspect(self, now: float) -> "CircuitState":
        """Require a probe: an endpoint that has just answered seems to be gone."""
        return replace(self, failures=max(self.failures, FAILURES_TO_SUSPECT), next_probe_at=now)

    def asleep(self, now: float) -> "CircuitState":
        """Record that no replica answers yet; the call has woken the endpoint if it slept."""
        return self._in(Phase.WARMING, now)

    def not_ready(self, now: float) -> "CircuitState":
        """Record that the endpoint is paused or deleted; no call brings it back."""
        return self._in(Phase.NOT_READY, now)

    def _in(self, phase: Phase, now: float) -> "CircuitState":
        return replace(
            self,
            phase=phase,
            failures=0,
            since=self.since if self.phase is phase else now,
            next_probe_at=now + PROBE_INTERVAL_S[phase],
            probing=False,
        )

    def _is_known_to_answer(self, now: float) -> bool:
        return (
            self.phase is Phase.CLOSED
            and self.failures < FAILURES_TO_SUSPECT
            and now - self.answered_at < KNOWN_FOR_S
        )

    def _wake_s(self, now: float) -> float | None:
        """Learn only from a recent probe: the wake-up of an idle endpoint goes unseen."""
        probed_lately = now < self.next_probe_at + 2 * PROBE_INTERVAL_S[Phase.WARMING]
        if self.phase is not Phase.WARMING or not probed_lately:
            return self.wake_s
        took_s = now - self.since
        return took_s if self.wake_s is None else (self.wake_s + took_s) / 2

"""What is known of an endpoint, and what follows from it for the next call. Pure: no I/O, no clock.

Calls are free while the endpoint is known to answer. In every other condition one call at a time
has the *turn* and finds out for all: after a silence nobody knows, so the first call asks; behind
an open circuit it is the half-open circuit's probe; an endpoint that sleeps is woken by it, and
asked by later ones whether it is awake. Whoever has the turn may never report, so a turn only
lasts until the next one begins.

Times are Unix seconds. The environments' clocks differ by milliseconds, the shortest time here
is two seconds.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

KNOWN_FOR_S = 30.0
"""How long an answer makes calls free; no endpoint sleeps before 15 idle minutes are over."""
FAILURES_TO_DOUBT = 3
FAILURES_TO_OPEN = 5
"""In a row; a few lost requests are normal for a single replica."""
_LONGEST_RETRY_AFTER_S = 300


class Phase(StrEnum):
    """What was last seen of an endpoint."""

    CLOSED = "closed"
    OPEN = "open"
    WARMING = "warming"
    UNREADY = "unready"


TURN_S = {Phase.CLOSED: 3.0, Phase.OPEN: 6.0, Phase.WARMING: 4.0, Phase.UNREADY: 8.0}
"""From one turn to the next. With an open circuit's 6 s, an outage of a minute sees ten probes, and
its end is noticed within 10 s."""


class Circuit(StrEnum):
    """The circuit breaker's state, in its usual terms."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Admission(StrEnum):
    """What a call may do."""

    FREE = "free"
    TURN = "turn"
    WAIT = "wait"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitState:
    """What all environments know of one deployment's endpoint.

    Attributes:
        failures: In a row, as far as they were reported.
        answered_at: When it last answered anything, as far as it was reported; 0: never.
        since: When the phase began.
        turn_at: From when on the next call may take the turn.
        probing: Whether somebody has had the turn since the circuit opened or was last probed.
        wake_s: How long it takes to wake up, learnt from its own wake-ups; None: not seen yet.
        version: Counts the writes.
    """

    phase: Phase = Phase.CLOSED
    failures: int = 0
    answered_at: float = 0.0
    since: float = 0.0
    turn_at: float = 0.0
    probing: bool = False
    wake_s: float | None = None
    version: int = 0

    def admission(self, now: float) -> Admission:
        """What a call that comes *now* may do."""
        if self._answers(now):
            return Admission.FREE
        if now >= self.turn_at:
            return Admission.TURN
        return Admission.WAIT if self.phase is Phase.CLOSED else Admission.REFUSED

    def circuit(self, now: float) -> Circuit:
        """The state that people are shown."""
        if self.phase is not Phase.OPEN:
            return Circuit.CLOSED
        return Circuit.HALF_OPEN if self.probing and now < self.turn_at else Circuit.OPEN

    def retry_after_s(self, now: float, *, first_wake_s: float) -> int:
        """Whole seconds after which a refused caller may come back with hope.

        *first_wake_s* stands for `wake_s` as long as no wake-up has been seen.
        """
        if self.phase is not Phase.WARMING:
            return max(1, math.ceil(self.turn_at - now))
        elapsed_s = now - self.since
        left_s = (self.wake_s or first_wake_s) - elapsed_s
        # Overdue: the longer it has taken, the less a second more or less matters.
        wait_s = left_s if left_s > 0 else max(TURN_S[Phase.WARMING], elapsed_s / 4)
        return min(_LONGEST_RETRY_AFTER_S, max(1, math.ceil(wait_s)))

    def with_turn_taken(self, now: float) -> "CircuitState":
        """A call goes to find out."""
        return replace(self, turn_at=now + TURN_S[self.phase], probing=self.phase is Phase.OPEN)

    def with_turn_released(self, now: float) -> "CircuitState":
        """The call found nothing out; the next may try."""
        return replace(self, turn_at=now, probing=False)

    def answered(self, now: float) -> "CircuitState":
        """It answers, whatever it said."""
        return replace(
            self,
            phase=Phase.CLOSED,
            failures=0,
            answered_at=max(now, self.answered_at),
            since=self.since if self.phase is Phase.CLOSED else now,
            turn_at=now,
            probing=False,
            wake_s=self._wake_s(now),
        )

    def failed(self, now: float, *, started_at: float) -> "CircuitState":
        """A call that began at *started_at* failed, which says nothing about a later answer."""
        if started_at < self.answered_at:
            return self
        failures = self.failures + 1
        if self.phase is not Phase.OPEN and failures < FAILURES_TO_OPEN:
            return replace(self, failures=failures, turn_at=now)
        return replace(
            self,
            phase=Phase.OPEN,
            failures=failures,
            since=self.since if self.phase is Phase.OPEN else now,
            turn_at=now + TURN_S[Phase.OPEN],
            probing=False,
        )

    def doubted(self, now: float) -> "CircuitState":
        """It had just answered, and now is not there: a lost request, or all from now on."""
        return replace(self, failures=max(self.failures, FAILURES_TO_DOUBT), turn_at=now)

    def asleep(self, now: float) -> "CircuitState":
        """No replica answers yet; the call has woken it up if it slept."""
        return self._waiting_in(Phase.WARMING, now)

    def unready(self, now: float) -> "CircuitState":
        """It is paused or gone; no call brings it back."""
        return self._waiting_in(Phase.UNREADY, now)

    def _answers(self, now: float) -> bool:
        return (
            self.phase is Phase.CLOSED
            and self.failures < FAILURES_TO_DOUBT
            and now - self.answered_at < KNOWN_FOR_S
        )

    def _waiting_in(self, phase: Phase, now: float) -> "CircuitState":
        return replace(
            self,
            phase=phase,
            failures=0,
            since=self.since if self.phase is phase else now,
            turn_at=now + TURN_S[phase],
            probing=False,
        )

    def _wake_s(self, now: float) -> float | None:
        """Learnt only when somebody looked shortly before: nobody asks an idle endpoint."""
        looked_lately = now < self.turn_at + 2 * TURN_S[Phase.WARMING]
        if self.phase is not Phase.WARMING or not looked_lately:
            return self.wake_s
        took_s = now - self.since
        return took_s if self.wake_s is None else (self.wake_s + took_s) / 2

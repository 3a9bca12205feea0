"""The counts of a comparison. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCall:
    """A call that the live deployment has answered, and its candidate was sent.

    Attributes:
        agrees: The answers are equal within the tolerance.
        failed: The candidate gave no answer.
        difference: Largest relative difference of two numbers; None without one.
        live_ms, candidate_ms: How long each took; 0 when the candidate gave no answer.
    """

    agrees: bool
    failed: bool = False
    difference: float | None = None
    live_ms: int = 0
    candidate_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All compared calls of one candidate, with nothing of what was sent or answered.

    Attributes:
        difference: The largest one; None without one.
        live_ms, candidate_ms: Sums.
    """

    calls: int = 0
    agreeing: int = 0
    errors: int = 0
    difference: float | None = None
    live_ms: int = 0
    candidate_ms: int = 0

    def with_call(self, call: ComparedCall) -> "Tally":
        """Return the counts with one more call."""
        differences = [each for each in (self.difference, call.difference) if each is not None]
        return Tally(
            calls=self.calls + 1,
            agreeing=self.agreeing + call.agrees,
            errors=self.errors + call.failed,
            difference=max(differences, default=None),
            live_ms=self.live_ms + call.live_ms,
            candidate_ms=self.candidate_ms + call.candidate_ms,
        )

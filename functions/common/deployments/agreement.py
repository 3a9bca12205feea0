"""The comparison of a candidate's answers with the live deployment's, as records hold it."""

from dataclasses import dataclass
from enum import StrEnum

FEWEST_TIMED_CALLS = 20
"""A single call after a pause can take five times as long as the next one."""


class AgreementMode(StrEnum):
    """Consequence of a comparison: nothing is compared, people see it, or it decides."""

    OFF = "off"
    REPORT = "report"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """The comparison that a candidate goes through before it goes live.

    Attributes:
        mode: Never `OFF`; None: it is not compared.
        live_id: The deployment that it is compared with; None until that has begun.
        until: When it ends, in Unix seconds; None until it has begun.
    """

    mode: AgreementMode | None = None
    live_id: str | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCandidate:
    """The deployment to which calls of the live one are also sent, as the item `live` names it.

    Attributes:
        id: None, as all others: there is none.
        calls_per_1000: So many of a thousand answered calls.
        until: No call is sent later, in Unix seconds.
    """

    id: str | None = None
    calls_per_1000: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementResult:
    """The outcome of a comparison.

    Attributes:
        version: The live version.
        calls: Calls that both have answered, or the live one alone.
        agreeing: Those with equal answers, within the tolerance.
        errors: Those that the candidate did not answer.
        largest_difference: Largest relative difference of two numbers, as text; None without one.
        live_ms, candidate_ms: Milliseconds of the calls that both have answered, summed up.
        held: The candidate did not go live for it.
        of_example: No call came; the live version's input example was sent to both.
    """

    mode: AgreementMode
    version: str
    calls: int
    agreeing: int
    errors: int = 0
    largest_difference: str | None = None
    live_ms: int = 0
    candidate_ms: int = 0
    held: bool = False
    of_example: bool = False

    @property
    def latency_ratio(self) -> float | None:
        """The candidate's time by the live one's; None where too few calls have one of both."""
        if self.calls - self.errors < FEWEST_TIMED_CALLS or not self.live_ms:
            return None
        return round(self.candidate_ms / self.live_ms, 2)

"""The rule by which a new version is taken back. Pure.

It is a cause for going back, not yet the decision: the version before must still answer.
"""

from dataclasses import dataclass

from functions.common.circuits.state import CircuitState, Phase
from functions.common.outcomes.counts import CallCounts
from functions.provision.rollback.proportions import difference_interval, wilson_interval

Z = 3.0
"""Standard deviations by which the figures must be beyond the bounds: a version is looked at some
forty times, and would be taken back by chance far too often with the usual two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackBounds:
    """Bounds from the settings.

    Attributes:
        fault_share: Share of faults that a new version may have.
        min_calls: Calls below which its share says nothing.
    """

    fault_share: float
    min_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A new version as it was seen since it went live.

    Attributes:
        earlier_version: The version that it replaced.
        earlier: That one's calls, of its last hour and of what came to it afterwards.
        changed_answer: A clause on an answer that differs from the one of the verification, e.g.
            "its answer to its example has changed"; None: none does.
    """

    circuit: CircuitState
    counts: CallCounts
    earlier_version: str
    earlier: CallCounts
    changed_answer: str | None = None


def cause_to_take_back(seen: NewVersion, bounds: RollbackBounds) -> str | None:
    """Return why the version should be taken back, a clause with figures; None: it should not.

    An endpoint that starts, sleeps or is paused is none of its faults.
    """
    if seen.changed_answer:
        return seen.changed_answer
    if seen.circuit.phase is Phase.OPEN:
        return "its endpoint failed so often in a row that calls to it are refused"
    if _fails_too_often(seen.counts, bounds) and _is_worse(seen.counts, seen.earlier):
        return _figures(seen, bounds)
    return None


def _fails_too_often(counts: CallCounts, bounds: RollbackBounds) -> bool:
    if counts.calls < max(1, bounds.min_calls):
        return False
    least, _ = wilson_interval(counts.faults, counts.calls, z=Z)
    return least > bounds.fault_share


def _is_worse(counts: CallCounts, earlier: CallCounts) -> bool:
    """Return whether *counts* are worse than those of the version before.

    One without a fault, after however few calls, is no excuse: against it the bound alone counts.
    """
    if not earlier.faults:
        return True
    least, _ = difference_interval(counts.faults, counts.calls, earlier.faults, earlier.calls, z=Z)
    return least > 0


def _figures(seen: NewVersion, bounds: RollbackBounds) -> str:
    counts, earlier = seen.counts, seen.earlier
    before = f"version {seen.earlier_version} had {earlier.faults} in {earlier.calls} before"
    return (
        f"{counts.faults} of its first {counts.calls} calls failed ({counts.share:.1%}); "
        f"{bounds.fault_share:.1%} are allowed, and {before}"
    )

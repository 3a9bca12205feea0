"""What a run has found."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from functions.common.deployments.record import Deployment
from functions.uptime.verdict import CheckVerdict

_MOST_NAMES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One model's check.

    Attributes:
        latency_ms: Of the call, over the API.
        request_id: By which logs name it; None without an answer.
        woken: Its model may sleep: no part of the availability.
    """

    deployment: Deployment
    verdict: CheckVerdict
    latency_ms: float
    request_id: str | None = None
    woken: bool = False

    @property
    def available(self) -> bool | None:
        """Return what counts in the availability; None: nothing does."""
        return None if self.woken else self.verdict.available

    @property
    def says_nothing(self) -> bool:
        """Return whether nothing was learnt about the model."""
        return self.available is None and self.verdict.answer_changed is None


class Unchecked(StrEnum):
    """Why a model was not checked."""

    AT_REST = "at_rest"
    """Its endpoint sleeps, is paused, or may sleep."""
    WITHOUT_EXAMPLE = "without_example"
    FAILED = "failed"
    """Its record could not be read, or the check broke; the log says how."""
    NOT_BEGUN = "not_begun"
    """The run's time was over, or the key had been refused."""


@dataclass(slots=True, kw_only=True)
class UptimeReport:
    """Results of a run.

    Attributes:
        unknown: Number of checks that say nothing about the model.
        answer_changed: Models that answered otherwise than when they were verified.
        key_refused: Code of the refusal of the checks' own key; None when it was good.
        spared: No model was checked, since the budget is used up.
        waiting_for: Name of the secret that people have not filled yet; no model was checked.
    """

    checked: int = 0
    unavailable: int = 0
    unknown: int = 0
    answer_changed: list[str] = field(default_factory=list)
    unchecked: dict[Unchecked, list[str]] = field(
        default_factory=lambda: {reason: [] for reason in Unchecked}
    )
    key_refused: str | None = None
    spared: bool = False
    waiting_for: str | None = None

    def add(self, model_id: str, outcome: Check | Unchecked) -> None:
        """Count the outcome of a model's turn."""
        if isinstance(outcome, Unchecked):
            self.unchecked[outcome].append(model_id)
            return
        verdict = outcome.verdict
        self.checked += 1
        self.unavailable += outcome.available is False
        self.unknown += outcome.says_nothing
        if verdict.answer_changed:
            self.answer_changed.append(model_id)
        if verdict.key_refused:
            self.key_refused = verdict.code

    def as_json(self) -> dict[str, Any]:
        """Return what the function logs and returns: numbers of models, and the names of those
        that somebody should look at, 100 of a kind at most."""
        named = {
            f"{reason}_models": sorted(self.unchecked[reason])[:_MOST_NAMES]
            for reason in (Unchecked.WITHOUT_EXAMPLE, Unchecked.FAILED)
        }
        return {
            "checked": self.checked,
            "unavailable": self.unavailable,
            "unknown": self.unknown,
            "answer_changed": len(self.answer_changed),
            "answer_changed_models": sorted(self.answer_changed)[:_MOST_NAMES],
            **{str(reason): len(names) for reason, names in self.unchecked.items()},
            **named,
            "spared": self.spared,
            "waiting_for": self.waiting_for,
        }

"""All that a page shows, put together from the log. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.local.dashboard.calls import LoggedPrediction, by_model, predictions
from infra.local.dashboard.log_lines import LogLine
from infra.local.dashboard.reconciliations import Reconciliations, Series, reconciliations
from infra.local.dashboard.trouble import Trouble, troubles

_STEPS = [timedelta(seconds=seconds) for seconds in (1, 5, 15, 60, 300, 900, 3_600)]
_MOST_STEPS = 60
"""Of a plot over time; more would be too narrow to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known at the time *now*.

    Attributes:
        usd_by_model: US dollars of this month so far, the most first.
        models: Names of models, and of those that callers asked for: the most called first.
        step: Width of one point of plots over time.
    """

    now: datetime
    calls: Sequence[LoggedPrediction]
    reconciled: Reconciliations
    usd_by_model: Mapping[str, float]
    troubles: Sequence[Trouble]
    models: Sequence[str]
    step: timedelta

    def over_time(self, value: Callable[[Sequence[LoggedPrediction]], float]) -> Series:
        """Return *value* of the calls of each step, without steps in which there were none."""
        groups: dict[datetime, list[LoggedPrediction]] = {}
        for each in self.calls:
            groups.setdefault(self.start_of_step(each.at), []).append(each)
        return [(at, value(group)) for at, group in sorted(groups.items())]

    def steps(self) -> Sequence[datetime]:
        """Return the starts of all steps from the first call to the last."""
        if not self.calls:
            return []
        first, last = (self.start_of_step(self.calls[end].at) for end in (0, -1))
        return [first + self.step * i for i in range((last - first) // self.step + 1)]

    def start_of_step(self, at: datetime) -> datetime:
        """Return the start of the step that *at* is in."""
        return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % self.step


def view(lines: Iterable[LogLine], *, usd_by_model: Mapping[str, float], now: datetime) -> View:
    """Return what *lines* show, and the dollars of this month."""
    lines = list(lines)
    calls = predictions(lines)
    return View(
        now=now,
        calls=calls,
        reconciled=reconciliations(lines),
        usd_by_model=dict(sorted(usd_by_model.items(), key=lambda each: -each[1])),
        troubles=troubles(lines, now=now),
        models=[*by_model(calls)],
        step=_step(calls),
    )


def _step(calls: Sequence[LoggedPrediction]) -> timedelta:
    took = calls[-1].at - calls[0].at if calls else timedelta()
    return next((step for step in _STEPS if took <= step * _MOST_STEPS), _STEPS[-1])

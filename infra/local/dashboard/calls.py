"""Calls of the API, from the line that predict logs of each, and sums over them. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from urllib.parse import unquote

from functions.common.metric_names import FAULT, LATENCY, MODEL
from infra.figures import VOLUME
from infra.local.dashboard.log_lines import LogLine

NO_MODEL = "(no model)"
NO_USER = "(not known)"
"""Where a call was refused before that was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPrediction:
    """One call of predict.

    Attributes:
        model: As it was called, whether it exists or not.
        version: Of the model; empty where no deployment was found.
        code: Empty for a prediction.
        provider_ms: Milliseconds in which the endpoint was waited for.
    """

    at: datetime
    model: str
    version: str
    user: str
    status: int
    code: str
    is_fault: bool
    latency_ms: float
    provider_ms: float
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Figures of some calls; `average_ms` of none is 0."""

    calls: int
    faults: int
    average_ms: float
    provider_s: float
    users: int
    models: int

    @property
    def error_percent(self) -> float:
        """Share of the calls that failed by our or the provider's fault."""
        return 100 * self.faults / self.calls if self.calls else 0.0


def predictions(lines: Iterable[LogLine]) -> list[LoggedPrediction]:
    """Return the calls of predict among *lines*, in the order of their time."""
    found = (
        _prediction(line)
        for line in lines
        if line.service == VOLUME.service and "_aws" in line.fields and LATENCY in line.fields
    )
    return sorted(found, key=lambda call: call.at)


def totals(calls: Sequence[LoggedPrediction]) -> Totals:
    """Return the figures of *calls*."""
    return Totals(
        calls=len(calls),
        faults=sum(each.is_fault for each in calls),
        average_ms=fmean(each.latency_ms for each in calls) if calls else 0.0,
        provider_s=sum(each.provider_ms for each in calls) / 1_000,
        users=len({each.user for each in calls} - {NO_USER}),
        models=len({each.model for each in calls if each.version}),
    )


def by[Key](
    calls: Iterable[LoggedPrediction], key: Callable[[LoggedPrediction], Key]
) -> Mapping[Key, Totals]:
    """Return the figures of the calls of each *key*, the most called first."""
    groups: defaultdict[Key, list[LoggedPrediction]] = defaultdict(list)
    for each in calls:
        groups[key(each)].append(each)
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    return {name: totals(group) for name, group in ranked}


def by_model(calls: Iterable[LoggedPrediction]) -> Mapping[str, Totals]:
    """Return the figures of each model, and of each name that is none."""
    return by(calls, lambda each: each.model)


def by_caller(calls: Iterable[LoggedPrediction]) -> Mapping[str, Totals]:
    """Return the figures of each user."""
    return by(calls, lambda each: each.user)


def codes(calls: Iterable[LoggedPrediction]) -> Mapping[tuple[str, int], int]:
    """Return how often each code and status was answered; the code of predictions is empty."""
    return Counter((each.code, each.status) for each in calls)


def _prediction(line: LogLine) -> LoggedPrediction:
    fields = line.fields
    return LoggedPrediction(
        at=line.at,
        model=unquote(fields.get(MODEL) or "") or NO_MODEL,
        version=fields.get("version") or "",
        user=fields.get("user") or NO_USER,
        status=int(fields.get("status") or 0),
        code=fields.get("code") or "",
        is_fault=bool(line.number(FAULT)),
        latency_ms=line.number(LATENCY) or 0.0,
        provider_ms=line.number("provider_ms") or 0.0,
        request_id=fields.get("request_id") or "",
    )

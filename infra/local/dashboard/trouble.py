"""What is wrong now, by the functions' log. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

from functions.common.metric_names import (
    CREDITS_EXHAUSTED,
    FAULT,
    LATENCY,
    MODEL,
    ORPHANS_HELD,
    RECONCILE_FAILURES,
    WEBHOOK_FAILURES,
)
from infra.figures import DEPLOYED
from infra.local.dashboard.log_lines import LogLine

LOOK_BACK = timedelta(hours=1)
"""What was logged earlier is over."""
_COUNTED = {
    RECONCILE_FAILURES: "models that could not be put right",
    WEBHOOK_FAILURES: "MLflow's webhook does not work",
    ORPHANS_HELD: "endpoints that an operator must confirm",
    CREDITS_EXHAUSTED: "the provider's account has no credits",
}
"""Counts of a reconciliation that are 0 on a good day. The last run's say what is wrong now."""
_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
_TIMED_OUT = "Task timed out"
"""Lambda's own line. Source:
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Lines that say the same of one model.

    Attributes:
        service: The function by its name in the log.
        model: Empty where they are about no model.
        times: Number of lines, or what was counted.
    """

    service: str
    what: str
    model: str
    times: int
    last_at: datetime


def troubles(lines: Iterable[LogLine], *, now: datetime) -> Sequence[Trouble]:
    """Return what is wrong at the time *now*, the latest first."""
    recent = [line for line in lines if now - LOOK_BACK <= line.at <= now]
    found: dict[tuple[str, str, str], list[LogLine]] = {}
    for line in recent:
        if what := _what(line):
            name = unquote(str(line.fields.get("model_id") or line.fields.get(MODEL) or ""))
            found.setdefault((line.service or line.function, what, name), []).append(line)
    said = [
        Trouble(
            service=service,
            what=what,
            model=model,
            times=len(group),
            last_at=max(line.at for line in group),
        )
        for (service, what, model), group in found.items()
    ]
    return sorted([*said, *_counted(recent)], key=lambda each: each.last_at, reverse=True)


def _what(line: LogLine) -> str:
    """Return what *line* says is wrong; empty when it says nothing of the kind."""
    fields = line.fields
    if LATENCY in fields:
        return _of_a_call(fields) if line.number(FAULT) else ""
    if fields.get("level") in _LEVELS:
        return str(fields.get("message"))
    return _TIMED_OUT if _TIMED_OUT in line.text else ""


def _of_a_call(fields: Mapping[str, object]) -> str:
    status = fields.get("status")
    return f"{fields.get('code') or 'failed'}" + (f" ({status})" if status else "")


def _counted(lines: Sequence[LogLine]) -> Iterator[Trouble]:
    runs = [line for line in lines if DEPLOYED.metric in line.fields]
    if not runs:
        return
    last = max(runs, key=lambda line: line.at)
    for name, what in _COUNTED.items():
        if value := last.number(name):
            yield Trouble(
                service=last.service, what=what, model="", times=int(value), last_at=last.at
            )

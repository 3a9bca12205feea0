"""Made-up data for every alarm: series that must raise it, and series that must not.

By the alarm's name without the stack's. The last value is the newest, None is no data. An alarm on
one metric has one series, `value`; one on an expression has one for each metric, by its id.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.functions import AUTHORIZER, FUNCTIONS, MIRROR, RECONCILE, USAGE
from infra.workflow_tasks import TASKS
from tests.infra.monitoring.alarm_state import VALUE
from tests.infra.monitoring.metric_math import Series

type Data = Mapping[str, Series]


@dataclass(frozen=True)
class Case:
    """Data that *fires* an alarm, and *quiet* data that is the nearest to it."""

    fires: Data
    quiet: Data


def _of_one(fires: Series, quiet: Series) -> Case:
    return Case({VALUE: fires}, {VALUE: quiet})


def _share(id_: str, *, bad: Series, few: Series, of: Series, of_few: Series) -> Case:
    """Return failures among enough calls, and as many among too few."""
    return Case({id_: bad, f"{id_}_calls": of}, {id_: few, f"{id_}_calls": of_few})


_AT_ONCE = _of_one(fires=[None, None, 1], quiet=[None, None, None])
"""One thing that happens raises it; without any there is no data."""
_GIVEN = {
    "ApiFaults": _share(
        "faults", bad=[6, 5, 9], of=[100, 90, 100], few=[6, 5, None], of_few=[100, 90, 100]
    ),
    "AuthorizerFailures": _share(
        "unauthorized", bad=[9, None, 9], of=[90, 90, 90], few=[9, None, 9], of_few=[90, 90, 40]
    ),
    "AuthorizerFaults": _share(
        "unchecked", bad=[0.2, 0, 0.3], of=[20, 20, 10], few=[0.2, 0, 1], of_few=[20, 20, 1]
    ),
    "PredictionsSlow": _share(
        "slow",
        bad=[12_000, 10_000, 14_000],
        of=[60, 50, 80],
        few=[12_000, 10_000, 14_000],
        of_few=[60, 50, 49],
    ),
    "BudgetNearlySpent": _of_one(fires=[79, None, 80], quiet=[78, None, 79.9]),
    "BudgetSpent": _of_one(fires=[99, None, 100], quiet=[98, None, 99.9]),
    "CreditsExhausted": _of_one(fires=[0, 0, 1], quiet=[0, None, 0]),
    "ModelUnavailable": _of_one(fires=[0, 0, 0], quiet=[0, 0, 1]),
    "ModelsUnavailable": _of_one(fires=[0.5, 1, 0.4], quiet=[0.9, 0.9, 0.4]),
    "AnswerChanged": _of_one(fires=[0, None, 1], quiet=[0, None, 0]),
    "CircuitsOpening": _of_one(fires=[0, 0, 3], quiet=[3, 0, 2]),
    "VersionTakenBack": _AT_ONCE,
    # Runs that came an instant early or late leave a period out.
    "ReconcilerSilent": _of_one(
        fires=[1, 1, None, None, None, None, None], quiet=[1, None, 2, None, 1, None, None]
    ),
    "ReconcilerBroken": _of_one(fires=[0, 0, 1], quiet=[0, None, 0]),
    "ReconcilerFailing": _of_one(fires=[1, 2, 1, 1], quiet=[1, 1, 0, 1]),
    "WebhookFailing": _of_one(fires=[1, 1, 1, 1], quiet=[1, 1, 1, 0]),
    "OrphansHeld": _of_one(fires=[0, 0, 3], quiet=[0, 0, 0]),
    "DeliveriesRefused": Case(
        {"refused_wrong_signature": [None, 5, None, 4], "refused_stale": [None, None, None, 1]},
        {"refused_wrong_signature": [None, 9, None, 4], "refused_stale": [None] * 4},
    ),
    "WebhookFaults": _of_one(fires=[0, 3], quiet=[2, 2]),
    "AsyncCallsDropped": _AT_ONCE,
    "AsyncFailuresUndelivered": _AT_ONCE,
    "WorkflowFailed": _AT_ONCE,
    "WorkflowTimedOut": _AT_ONCE,
    "WorkflowAborted": _AT_ONCE,
    "WorkflowThrottled": _of_one(fires=[10, None, 12], quiet=[99, None, 9]),
    "NewVersionFails": Case(
        {"broken": [0], "internal": [1], "calls": [40]},
        {"broken": [0], "internal": [None], "calls": [40]},
    ),
    "EnoughCallsFast": _of_one(fires=[100], quiet=[99]),
    "EnoughCallsSlow": _of_one(fires=[300], quiet=[299]),
}
_TABLES = {"Deployments": ("table", "models", "unsettled"), "ServingState": ("table",)}
"""What may be throttled."""


def _table_alarms() -> dict[str, Case]:
    cases = {}
    for name, places in _TABLES.items():
        throttled = [f"{name}_{kind}_{place}" for place in places for kind in ("read", "write")]
        cases[f"{name}TableThrottles"] = _summed(throttled, enough=10)
    return cases


def _summed(ids: list[str], *, enough: int) -> Case:
    """Return one metric with twice enough, and one with enough a single time."""
    first, *others = (id_.lower() for id_ in ids)
    nothing: dict[str, Series] = {id_: [None] * 3 for id_ in others}
    return Case(
        {first: [enough, None, enough], **nothing}, {first: [enough, None, None], **nothing}
    )


def _function_alarms() -> dict[str, Case]:
    cases = {}
    tasks = {spec.name for spec in TASKS.values()}
    for spec in FUNCTIONS:
        limit_ms = spec.size.timeout_s * 1_000
        near, below = 0.96 * limit_ms, 0.9 * limit_ms
        if spec is MIRROR:
            # Slow and refused calls of it are a candidate's, and expected.
            cases[f"{spec.name}Errors"] = _of_one(fires=[10, 0, 0, 11], quiet=[11, 0, 0, 9])
            continue
        cases[f"{spec.name}NearTimeout"] = _of_one(
            fires=[near, None, limit_ms], quiet=[limit_ms, below, below]
        )
        if spec.name not in tasks:
            cases[f"{spec.name}Throttles"] = _of_one(fires=[5, None, 8], quiet=[50, None, 4])
        if spec.name in tasks:
            cases[f"{spec.name}Errors"] = _of_one(fires=[10, 0, 0, 11], quiet=[11, 0, 0, 9])
        elif spec not in (AUTHORIZER, RECONCILE, USAGE):
            cases[f"{spec.name}Errors"] = _of_one(fires=[3, None, 4], quiet=[40, None, 2])
    return cases


def _burn_alarms() -> dict[str, Case]:
    limits = {5: 14.4, 60: 14.4, 30: 6, 360: 6}
    return {
        f"{objective}Burn{minutes}Min": _of_one(fires=[limit], quiet=[limit - 0.1])
        for objective in ("Answered", "InTime")
        for minutes, limit in limits.items()
    }


CASES = _GIVEN | _table_alarms() | _function_alarms() | _burn_alarms()
COMPOSITES = {
    f"{objective}Burns{speed}": (
        f"{objective}Burn{short}Min",
        f"{objective}Burn{long}Min",
        f"EnoughCalls{speed}",
    )
    for objective in ("Answered", "InTime")
    for speed, short, long in (("Fast", 5, 60), ("Slow", 30, 360))
}
"""Alarms on alarms, with those that must all be raised."""

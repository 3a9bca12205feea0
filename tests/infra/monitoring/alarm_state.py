"""Evaluates alarms of a template on made-up series, as CloudWatch does.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.infra.monitoring.metric_math import Series, Value, evaluated
from tests.infra.synthesized import Json, metrics_of

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
VALUE = "value"
"""Key of the series of an alarm on one metric."""
_FURTHER = 2
"""CloudWatch looks at some periods more than it needs, for late data."""
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_PART = re.compile(r"ALARM\(\"(\w+)\"\)")


def values_of(alarm: Json, series: Mapping[str, Series]) -> list[Value]:
    """Return what *alarm* compares: its metric, or its expression of the metrics by their ids."""
    expressions = [query for query in alarm.get("Metrics", []) if "Expression" in query]
    if not expressions:
        return list(series[VALUE])
    (query,) = expressions
    ids = {each["Id"] for each in alarm["Metrics"]} - {query["Id"]}
    assert ids == series.keys()
    return evaluated(query["Expression"], series)


def state_of(alarm: Json, series: Mapping[str, Series], *, before: str = OK) -> str:
    """Return the state of *alarm*, which was in *before*, at the end of *series*."""
    breaches = _COMPARISONS[alarm["ComparisonOperator"]]
    periods: int = alarm["EvaluationPeriods"]
    considered = values_of(alarm, series)[-(periods + _FURTHER) :]
    points = [breaches(value, alarm["Threshold"]) for value in considered if value is not None]
    return _state(
        points[-periods:],
        periods=periods,
        needed=int(alarm.get("DatapointsToAlarm", periods)),
        missing=_treatment(alarm),
        before=before,
    )


def composite_state(rule: str, states: Mapping[str, str]) -> str:
    """Return the state of a composite alarm whose *rule* joins alarms, by logical id, with AND."""
    parts = _PART.findall(rule)
    assert re.sub(r"[\s()]|AND", "", _PART.sub("", rule)) == ""
    return ALARM if all(states[part] == ALARM for part in parts) else OK


def _treatment(alarm: Json) -> str:
    """Return what missing data is taken for: of DynamoDB's metrics nothing, whatever is set."""
    if {metric["Namespace"] for metric in metrics_of(alarm)} == {"AWS/DynamoDB"}:
        return "ignore"
    return str(alarm.get("TreatMissingData", "missing"))


def _state(points: list[bool], *, periods: int, needed: int, missing: str, before: str) -> str:
    """Return the state by *points*: the data there is, True where it breaches."""
    filled = [missing == "breaching"] * (periods - len(points))
    if missing in {"breaching", "notBreaching"}:
        points, filled = points + filled, []
    if sum(points) >= needed:
        return ALARM
    if not filled or False in points:
        return OK
    if not points:
        return INSUFFICIENT if missing == "missing" else before
    # All that there is breaches.
    return ALARM if missing == "missing" else before


def joined(value: Any, ids: Callable[[Json], str]) -> str:
    """Return the text of `Fn::Join`; *ids* names each reference in it."""
    _, parts = value["Fn::Join"]
    return "".join(part if isinstance(part, str) else ids(part) for part in parts)

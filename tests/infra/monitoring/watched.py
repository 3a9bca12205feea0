"""Alarms, dashboard and topic of a synthesized template."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.monitoring.alarm_state import joined
from tests.infra.synthesized import Json, Synthesized

ALARM_TYPE, COMPOSITE_TYPE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"


def alarms_of(stack: Synthesized) -> dict[str, Json]:
    """Return the alarms on metrics by their names without the stack's."""
    return {name_of(alarm): alarm for alarm in stack.properties(ALARM_TYPE)}


def composites_of(stack: Synthesized) -> dict[str, Json]:
    """Return the alarms on alarms, likewise."""
    return {name_of(alarm): alarm for alarm in stack.properties(COMPOSITE_TYPE)}


def name_of(alarm: Json) -> str:
    """Return the alarm's name; the rollout's has none of its own, as each version has another."""
    name = alarm.get("AlarmName")
    return "NewVersionFails" if name is None else str(name).rpartition("-")[2]


def parts_of(stack: Synthesized, composite: Json) -> tuple[str, set[str]]:
    """Return the rule with logical ids for ARNs, and the names of the alarms in it."""
    rule = joined(composite["AlarmRule"], lambda reference: str(reference["Fn::GetAtt"][0]))
    alarms = {id_: name_of(alarm["Properties"]) for id_, alarm in stack.all(ALARM_TYPE)}
    return rule, {name for id_, name in alarms.items() if f'"{id_}"' in rule}


def widgets_of(stack: Synthesized) -> list[Json]:
    """Return the widgets of the dashboard, with `<logical id>` for each reference."""
    body = stack.only("AWS::CloudWatch::Dashboard")["DashboardBody"]
    found: list[Json] = json.loads(joined(body, _marked))["widgets"]
    return found


def drawn_metrics(widget: Json) -> Iterator[tuple[Any, ...]]:
    """Yield namespace, name and dimensions of each metric of a graph, as in `metric_of`."""
    before: list[Any] = []
    for entry in widget["properties"].get("metrics", []):
        *path, _ = [*entry, {}] if not isinstance(entry[-1], dict) else entry
        if not path:
            continue
        path = [before[index] if part == "." else part for index, part in enumerate(path)]
        before = path
        namespace, name, *dimensions = path
        yield namespace, name, frozenset(zip(dimensions[::2], dimensions[1::2], strict=True))


def metric_of(metric: Json) -> tuple[Any, ...]:
    """Return namespace, name and dimensions of an alarm's metric."""
    dimensions = frozenset(
        (each["Name"], each["Value"] if isinstance(each["Value"], str) else _text(each["Value"]))
        for each in metric["Dimensions"]
    )
    return metric["Namespace"], metric["MetricName"], dimensions


def _text(value: Mapping[str, Any]) -> str:
    return joined(value, _marked) if "Fn::Join" in value else _marked(value)


def _marked(reference: Mapping[str, Any]) -> str:
    target = reference.get("Ref") or ".".join(reference["Fn::GetAtt"])
    return f"<{target}>"

"""Lines of the log that are metrics, too: CloudWatch's embedded metric format.

By hand, and with the standard library alone: Powertools writes each value as a list, in which Logs
Insights finds no field of the metric's name (`Latency.0` instead); and whoever forges webhooks must
not make us import more.
Sources:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.common.metric_names import (
    BUDGET_USED_PERCENT,
    LATENCY,
    NAMESPACE,
    SERVICE,
    SPEND_USD,
    dimensions,
)

_UNITS = {LATENCY: "Milliseconds", SPEND_USD: "None", BUDGET_USED_PERCENT: "Percent"}
"""Units of metrics that are no counts."""

type Property = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Values by the metrics' names, each counted once for each set of dimensions.

    Attributes:
        dimension_sets: Dimensions by name, beside `environment` and `service`.
    """

    values: Mapping[str, float]
    dimension_sets: Sequence[Mapping[str, str]] = ({},)


def print_line(service: str, *metrics: Metrics, **properties: Property) -> None:
    """Print one line with *metrics*, and with *properties* to search by."""
    shared = {**dimensions(), SERVICE: service}
    line: dict[str, object] = {**shared, **properties}
    for each in metrics:
        for dimension_set in each.dimension_sets:
            line |= dimension_set
        line |= each.values
    directives = [_directive(each, list(shared)) for each in metrics]
    line["_aws"] = {"Timestamp": int(time.time() * 1_000), "CloudWatchMetrics": directives}
    sys.stdout.write(f"{json.dumps(line, separators=(',', ':'))}\n")


def count(service: str, name: str, **more: str) -> None:
    """Add one to the metric *name*, whose dimensions are *more* beside the usual ones."""
    print_line(service, Metrics({name: 1}, ({**more},)))


def _directive(metrics: Metrics, shared: list[str]) -> Mapping[str, object]:
    return {
        "Namespace": NAMESPACE,
        "Dimensions": [[*shared, *each] for each in metrics.dimension_sets],
        "Metrics": [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in metrics.values],
    }

"""Lines of CloudWatch's embedded metric format in what a function printed."""

import json
from collections.abc import Iterator
from typing import Any

from functions.common.metric_names import LATENCY

MAX_DIMENSIONS, MAX_METRICS, MAX_VALUE_CHARACTERS = 30, 100, 1_024


def metric_lines(printed: str) -> list[dict[str, Any]]:
    """Return the lines with metrics; each must be one that CloudWatch takes."""
    lines = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    for line in lines:
        _check(line)
    return lines


def wide_events(printed: str) -> list[dict[str, Any]]:
    """Return the lines of calls."""
    return [line for line in metric_lines(printed) if LATENCY in line]


def counted(line: dict[str, Any]) -> Iterator[tuple[str, float, dict[str, str]]]:
    """Return the values that CloudWatch takes from *line*: name, value, dimensions."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                dimensions = {name: line[name] for name in names}
                yield metric["Name"], line[metric["Name"]], dimensions


def _check(line: dict[str, Any]) -> None:
    """Hold *line* to the format's specification, and to what Logs Insights finds in it.

    Sources: see `functions.common.emf`.
    """
    assert isinstance(line["_aws"]["Timestamp"], int)
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"]
        assert 0 < len(directive["Metrics"]) <= MAX_METRICS
    for name, value, dimensions in counted(line):
        # A list is taken by CloudWatch, and is no field of this name for Logs Insights.
        assert type(value) in {int, float}, name
        assert len(dimensions) <= MAX_DIMENSIONS
        for text in dimensions.values():
            assert isinstance(text, str)
            assert text.strip()
            assert text.isascii()
            assert len(text) <= MAX_VALUE_CHARACTERS

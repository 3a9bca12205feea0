"""Graphs of the objectives: what was reached, and how fast the error budgets burn."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.config import Environment
from infra.monitoring.objectives import DAYS, OBJECTIVES, slo_name

SIGNALS = "AWS/ApplicationSignals"
"""Namespace of the metrics that Application Signals makes of an objective."""
_WIDTH, _HEIGHT = 6, 5


def attained(environment: Environment) -> cloudwatch.GraphWidget:
    """Return the graph of how much of each objective was reached, with its goal."""
    rates = [
        cloudwatch.Metric(
            namespace=SIGNALS,
            metric_name="AttainmentRate",
            dimensions_map={"SloName": slo_name(objective, environment)},
            period=Duration.hours(1),
            label=objective.name,
        )
        for objective in OBJECTIVES
    ]
    goals = [
        cloudwatch.HorizontalAnnotation(label=objective.name, value=objective.goal)
        for objective in OBJECTIVES
    ]
    return cloudwatch.GraphWidget(
        title=f"Objectives of {DAYS} days (%)",
        left=rates,
        left_annotations=goals,
        width=_WIDTH,
        height=_HEIGHT,
    )


def burn_graph(title: str, alarms: Sequence[cloudwatch.Alarm]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=[alarm.metric for alarm in alarms],
        left_annotations=[alarm.to_annotation() for alarm in alarms],
        width=_WIDTH,
        height=_HEIGHT,
    )

"""Specification of an alarm, and of the graph that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

type Drawn = cloudwatch.Metric | cloudwatch.MathExpression

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
NO_DATA_IS_WELL = cloudwatch.TreatMissingData.NOT_BREACHING
NO_DATA_IS_BAD = cloudwatch.TreatMissingData.BREACHING
NO_DATA_CHANGES_NOTHING = cloudwatch.TreatMissingData.IGNORE

RUNBOOK = "docs/operating.md"


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """One alarm.

    Attributes:
        name: PascalCase; the alarm is called `<stack>-<name>`.
        why: What it means, and why it is no false alarm.
        runbook: Anchor of a heading in `RUNBOOK`.
        threshold: In the metric's unit.
        metric: Without a label, unless it is math: CloudFormation would be given math.
        datapoints: So many of the last `periods` must be beyond the threshold.
    """

    name: str
    why: str
    runbook: str
    metric: Drawn
    threshold: float
    comparison: cloudwatch.ComparisonOperator = AT_LEAST
    datapoints: int = 1
    periods: int = 1
    missing: cloudwatch.TreatMissingData = NO_DATA_IS_WELL

    @property
    def is_math(self) -> bool:
        """Whether it is about an expression, which not every CloudWatch evaluates."""
        return isinstance(self.metric, cloudwatch.MathExpression)


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One graph: metrics, and alarms with their thresholds. Without either it is not drawn."""

    title: str
    metrics: Sequence[Drawn] = ()
    alarms: Sequence[AlarmSpec] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the dashboard; *widgets* stand behind its graphs."""

    title: str
    graphs: Sequence[Graph]
    widgets: Sequence[cloudwatch.ConcreteWidget] = ()


def runbook_of(anchor: str) -> str:
    """Return what an alarm's description ends with."""
    return f"{RUNBOOK}#{anchor}"

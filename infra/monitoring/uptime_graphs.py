"""Graphs and alarms of the uptime checks: whether models answer, and answer as they did."""

from aws_cdk import aws_cloudwatch as cloudwatch

from functions.common.metric_names import ANSWER_CHANGED, AVAILABLE
from infra.config import Environment
from infra.functions import UPTIME
from infra.monitoring.alarm_spec import BELOW, AlarmSpec, Graph
from infra.monitoring.metrics import AVERAGE, MINIMUM, SUM, own_metric


def uptime_graphs(environment: Environment) -> list[Graph]:
    """Return the graphs of the checks."""
    return [
        Graph(
            title="Models that answer their own example (share)",
            alarms=[_model_down(environment), _many_down(environment)],
        ),
        Graph(
            title="Answers that are not the verified ones",
            alarms=[_answer_changed(environment)],
        ),
    ]


def _checks(environment: Environment, name: str, statistic: str) -> cloudwatch.Metric:
    return own_metric(name, UPTIME.service, environment, statistic=statistic)


def _model_down(environment: Environment) -> AlarmSpec:
    return AlarmSpec(
        name="ModelUnavailable",
        why="For 15 minutes there was a model that did not answer its own example. One "
        "answer that fails raises none, and models that may sleep are not asked.",
        runbook="a-model-does-not-answer",
        metric=_checks(environment, AVAILABLE, MINIMUM),
        threshold=1,
        comparison=BELOW,
        datapoints=3,
        periods=3,
    )


def _many_down(environment: Environment) -> AlarmSpec:
    return AlarmSpec(
        name="ModelsUnavailable",
        why="Twice within 15 minutes half of the models or more did not answer their own "
        "examples: the cause is rather common to them than a model's.",
        runbook="a-model-does-not-answer",
        metric=_checks(environment, AVAILABLE, AVERAGE),
        threshold=0.5,
        comparison=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
        datapoints=2,
        periods=3,
    )


def _answer_changed(environment: Environment) -> AlarmSpec:
    return AlarmSpec(
        name="AnswerChanged",
        why="A model answered its own example otherwise than when it was verified, beyond the "
        "tolerance. Models whose answers vary by themselves are not compared. The log of the "
        "function Uptime says which (`uptime.finished`).",
        runbook="a-model-answers-otherwise",
        metric=_checks(environment, ANSWER_CHANGED, SUM),
        threshold=1,
    )

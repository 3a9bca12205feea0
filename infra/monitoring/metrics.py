"""Metrics of this service: in all, and of every model that there is."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from functions.common.metric_names import ENVIRONMENT, MODEL, NAMESPACE, SERVICE
from infra.config import Environment

SUM, AVERAGE, MAXIMUM, MINIMUM, COUNT = "Sum", "Average", "Maximum", "Minimum", "SampleCount"
FIVE_MINUTES, QUARTER = Duration.minutes(5), Duration.minutes(15)


def own_metric(
    name: str,
    service: str,
    environment: Environment,
    *,
    statistic: str = SUM,
    period: Duration = FIVE_MINUTES,
    label: str | None = None,
    **more: str,
) -> cloudwatch.Metric:
    """Return the metric *name* of *service*; *more* dimensions by their names."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={ENVIRONMENT: environment.name, SERVICE: service, **more},
        statistic=statistic,
        period=period,
        label=label,
    )


def of_each_model(
    name: str,
    service: str,
    environment: Environment,
    *,
    statistic: str,
    period: Duration = FIVE_MINUTES,
    times: int = 1,
) -> list[cloudwatch.MathExpression]:
    """Return the metric *name* of each model, which no deployment of the stack knows, *times* so
    much; none where models have no metrics of their own.

    CloudWatch finds at most 100 of them, with data in the last two weeks. Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html
    """
    if not environment.metrics_per_model:
        return []
    search = (
        f"SEARCH('{{{NAMESPACE},{ENVIRONMENT},{MODEL},{SERVICE}}} "
        f'MetricName="{name}" {SERVICE}="{service}" {ENVIRONMENT}="{environment.name}"\', '
        f"'{statistic}', {period.to_seconds():.0f})"
    )
    return [
        cloudwatch.MathExpression(
            expression=search if times == 1 else f"{times} * {search}",
            label="${PROP('Dim.model')}",
            period=period,
            using_metrics={},
        )
    ]


def math(
    expression: str, metrics: Mapping[str, cloudwatch.IMetric], *, label: str, period: Duration
) -> cloudwatch.MathExpression:
    """Return *expression* of *metrics* by their ids, which no other alarm of the graph has."""
    return cloudwatch.MathExpression(
        expression=expression, using_metrics=metrics, label=label, period=period
    )


def total(
    metrics: Mapping[str, cloudwatch.IMetric], *, label: str, period: Duration = FIVE_MINUTES
) -> cloudwatch.MathExpression:
    """Return the sum of *metrics*, of which each may have no data, as it has none without failures.

    It then is 0. Alarms on DynamoDB's metrics do not leave their state for missing data, whatever
    they say of it. Source:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    (TreatMissingData)
    """
    filled = (f"FILL({id_}, 0)" for id_ in metrics)
    return math(" + ".join(filled), metrics, label=label, period=period)

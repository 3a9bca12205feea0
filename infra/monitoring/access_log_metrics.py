"""Metrics that are counted in the API's access log.

API Gateway's own `5XXError` leaves out what it answers itself with a status of our choice: "API
Gateway counts modified gateway response status codes as 4XXError errors", and all of ours are. It
has no metric of authorizers at all.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.common.metric_names import (
    AUTHORIZER_FAILURES,
    ENVIRONMENT,
    GATEWAY_FAULTS,
    NAMESPACE,
    SERVICE,
)

PATTERNS = {
    GATEWAY_FAULTS: '{ $.status = "5*" }',
    AUTHORIZER_FAILURES: '{ $.gateway_error = "AUTHORIZER_*" }',
}
"""Patterns of the lines that count, by the metric. `AUTHORIZER_FAILURE` and
`AUTHORIZER_CONFIGURATION_ERROR` are gateway responses. Source:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"""


def count_in(scope: Construct, access_log: logs.ILogGroup) -> None:
    """Count the lines of *access_log*, whose fields are the metrics' dimensions.

    A metric with dimensions can have no default value: without failures there is no data.
    """
    for name, pattern in PATTERNS.items():
        logs.MetricFilter(
            scope,
            name,
            log_group=access_log,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=NAMESPACE,
            metric_name=name,
            metric_value="1",
            unit=cloudwatch.Unit.COUNT,
            dimensions={ENVIRONMENT: f"$.{ENVIRONMENT}", SERVICE: f"$.{SERVICE}"},
        )

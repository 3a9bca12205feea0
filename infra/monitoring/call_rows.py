"""Rows about calls: how many, how fast, how many failed."""

from aws_cdk import aws_cloudwatch as cloudwatch

from functions.common.metric_names import FAULT, LATENCY
from infra.config import Environment
from infra.functions import PREDICT
from infra.monitoring.alarm_spec import Graph, Row
from infra.monitoring.api_alarms import ApiAlarms
from infra.monitoring.metrics import AVERAGE, COUNT, of_each_model, own_metric


class CallRows:
    """Rows of the dashboard about calls."""

    def __init__(self, environment: Environment, alarms: ApiAlarms) -> None:
        self._environment = environment
        self._alarms = alarms

    def volume(self) -> Row:
        predictions = self._latency(COUNT, "Predictions")
        by_model = of_each_model(LATENCY, PREDICT.service, self._environment, statistic=COUNT)
        return Row(
            title="Request volume",
            graphs=[
                Graph(title="Calls in 5 minutes", metrics=[self._alarms.calls, predictions]),
                Graph(title="Predictions in 5 minutes, by model", metrics=[by_model]),
            ],
        )

    def time(self) -> Row:
        by_model = of_each_model(LATENCY, PREDICT.service, self._environment, statistic=AVERAGE)
        return Row(
            title="Average response time",
            graphs=[
                Graph(
                    title="Predictions (ms)",
                    metrics=[self._latency(AVERAGE, "Average"), self._latency("p95", "p95")],
                ),
                Graph(title="Average by model (ms)", metrics=[by_model]),
                Graph(title="p99, of 50 calls or more (ms)", alarms=[self._alarms.slow()]),
            ],
        )

    def errors(self) -> Row:
        by_model = of_each_model(
            FAULT, PREDICT.service, self._environment, statistic=AVERAGE, times=100
        )
        return Row(
            title="Error rate",
            graphs=[
                Graph(title="Answers with status 500 or more (%)", alarms=[self._alarms.faults()]),
                Graph(title="Failed predictions by model (%)", metrics=[by_model]),
                Graph(
                    title="Authorizer (%)",
                    alarms=[self._alarms.authorizer(), self._alarms.unchecked()],
                ),
            ],
        )

    def _latency(self, statistic: str, label: str) -> cloudwatch.Metric:
        return own_metric(
            LATENCY, PREDICT.service, self._environment, statistic=statistic, label=label
        )

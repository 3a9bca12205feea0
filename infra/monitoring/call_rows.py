"""Rows about calls: how many, how fast, how many failed."""

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.config import Environment
from infra.figures import ERROR_RATE, RESPONSE_TIME, VOLUME, Figure
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
        by_model = self._of_each_model(VOLUME, statistic=COUNT)
        return Row(
            title=VOLUME.title,
            graphs=[
                Graph(title="Calls in 5 minutes", metrics=[self._alarms.calls, predictions]),
                Graph(title="Predictions in 5 minutes, by model", metrics=by_model),
            ],
        )

    def time(self) -> Row:
        by_model = self._of_each_model(RESPONSE_TIME, statistic=AVERAGE)
        return Row(
            title=RESPONSE_TIME.title,
            graphs=[
                Graph(
                    title="Predictions (ms)",
                    metrics=[self._latency(AVERAGE, "Average"), self._latency("p95", "p95")],
                ),
                Graph(title="Average by model (ms)", metrics=by_model),
                Graph(title="p99, of 50 calls or more (ms)", alarms=[self._alarms.slow()]),
            ],
        )

    def errors(self) -> Row:
        by_model = self._of_each_model(ERROR_RATE, statistic=AVERAGE, times=100)
        return Row(
            title=ERROR_RATE.title,
            graphs=[
                Graph(title="Answers with status 500 or more (%)", alarms=[self._alarms.faults()]),
                Graph(title="Failed predictions by model (%)", metrics=by_model),
                Graph(
                    title="Authorizer (%)",
                    alarms=[self._alarms.authorizer(), self._alarms.unchecked()],
                ),
            ],
        )

    def _of_each_model(
        self, figure: Figure, *, statistic: str, times: int = 1
    ) -> list[cloudwatch.MathExpression]:
        return of_each_model(
            figure.metric, figure.service, self._environment, statistic=statistic, times=times
        )

    def _latency(self, statistic: str, label: str) -> cloudwatch.Metric:
        return own_metric(
            RESPONSE_TIME.metric,
            RESPONSE_TIME.service,
            self._environment,
            statistic=statistic,
            label=label,
        )

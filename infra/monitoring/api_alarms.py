"""Alarms on calls of the API: failed, slow, and refused because their key could not be checked."""

from aws_cdk import aws_cloudwatch as cloudwatch

from functions.common.metric_names import (
    AUTHORIZER_FAILURES,
    FAULT,
    GATEWAY_FAULTS,
    GATEWAY_SERVICE,
    LATENCY,
)
from infra.config import Environment
from infra.functions import AUTHORIZER, PREDICT
from infra.monitoring.alarm_spec import AlarmSpec
from infra.monitoring.metrics import AVERAGE, COUNT, FIVE_MINUTES, SUM, math, own_metric

_ENOUGH = 50
"""Calls in five minutes, below which a share or a percentile says little."""
_ENOUGH_AUTHORIZATIONS = 10
"""As above; API Gateway keeps an answer of the authorizer for a minute."""


class ApiAlarms:
    """Alarms of the API that has the metrics' dimensions *of_api*.

    Attributes:
        calls: All calls of the API.
    """

    def __init__(self, environment: Environment, of_api: dict[str, str]) -> None:
        self._environment = environment
        self.calls = cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name="Count",
            dimensions_map=of_api,
            statistic=COUNT,
            period=FIVE_MINUTES,
            label="All calls of the API",
        )

    def faults(self) -> AlarmSpec:
        return AlarmSpec(
            name="ApiFaults",
            why="For 15 minutes, a twentieth of at least 50 calls in 5 minutes was answered with "
            "a status of 500 or more. Single failures, and models that wake while few call, "
            "raise none.",
            runbook="the-api-answers-with-errors",
            metric=self._share_of_calls("faults", GATEWAY_FAULTS, "Failed (%)"),
            threshold=5,
            datapoints=3,
            periods=3,
        )

    def slow(self) -> AlarmSpec:
        return AlarmSpec(
            name="PredictionsSlow",
            why="For 15 minutes, one prediction in a hundred took 10 s or longer, of at least 50 "
            "in 5 minutes. The deadline is 25 s, and fewer calls make a percentile of chance.",
            runbook="predictions-are-slow",
            metric=math(
                f"IF(slow_calls >= {_ENOUGH}, slow, 0)",
                {
                    "slow": self._latency("p99"),
                    "slow_calls": self._latency(COUNT),
                },
                label="p99 (ms)",
                period=FIVE_MINUTES,
            ),
            threshold=10_000,
            datapoints=3,
            periods=3,
        )

    def authorizer(self) -> AlarmSpec:
        fault = {
            statistic: own_metric(FAULT, AUTHORIZER.service, self._environment, statistic=statistic)
            for statistic in (AVERAGE, COUNT)
        }
        return AlarmSpec(
            name="AuthorizerFaults",
            why="Twice within 15 minutes, a tenth of at least 10 keys in 5 minutes could not be "
            "checked. Keys that are refused do not count.",
            runbook="keys-cannot-be-checked",
            metric=math(
                f"IF(unchecked_calls >= {_ENOUGH_AUTHORIZATIONS}, 100 * unchecked, 0)",
                {"unchecked": fault[AVERAGE], "unchecked_calls": fault[COUNT]},
                label="Keys not checked (%)",
                period=FIVE_MINUTES,
            ),
            threshold=10,
            datapoints=2,
            periods=3,
        )

    def unchecked(self) -> AlarmSpec:
        return AlarmSpec(
            name="AuthorizerFailures",
            why="Twice within 15 minutes, a twentieth of at least 50 calls in 5 minutes was "
            "answered by API Gateway itself because the authorizer had failed, also where it was "
            "throttled or ran out of time, of which it leaves no line.",
            runbook="keys-cannot-be-checked",
            metric=self._share_of_calls("unauthorized", AUTHORIZER_FAILURES, "Calls refused (%)"),
            threshold=5,
            datapoints=2,
            periods=3,
        )

    def _share_of_calls(self, id_: str, name: str, label: str) -> cloudwatch.MathExpression:
        """Return the share in percent of the API's calls that *name* counts in the access log."""
        counted = own_metric(name, GATEWAY_SERVICE, self._environment, statistic=SUM)
        return math(
            f"IF({id_}_calls >= {_ENOUGH}, 100 * FILL({id_}, 0) / {id_}_calls, 0)",
            {id_: counted, f"{id_}_calls": self.calls},
            label=label,
            period=FIVE_MINUTES,
        )

    def _latency(self, statistic: str) -> cloudwatch.Metric:
        return own_metric(LATENCY, PREDICT.service, self._environment, statistic=statistic)

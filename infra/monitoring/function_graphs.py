"""Graphs and alarms of every Lambda function: errors, throttled calls, durations near the limit."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.config import Environment
from infra.constructs.service_functions import ServiceFunctions
from infra.function_spec import FunctionSpec
from infra.functions import AUTHORIZER, FUNCTIONS, MIRROR, RECONCILE, UPTIME, USAGE
from infra.monitoring.alarm_spec import AlarmSpec, Graph
from infra.monitoring.metrics import FIVE_MINUTES, MAXIMUM, QUARTER, SUM
from infra.snapshots import AWAITED
from infra.workflow_tasks import TASKS

_MS = 1_000
_NEAR_LIMIT = 0.95
"""Above what a prediction may take by its own deadline: 25 of 28 s."""
_OTHERS = tuple(spec for spec in FUNCTIONS if spec not in {*AWAITED, MIRROR})
_TRIED = "One deployment alone tries a task five times in 3 minutes."
_COMPARES = "These calls are missing in a new version's comparison; no caller noticed."
_OWN_ALARM_ON_ERRORS = (AUTHORIZER, RECONCILE, UPTIME, USAGE)
"""A refused key is an error of the authorizer to Lambda, as API Gateway wants it; so its own metric
counts. The reconciler's first error is an alarm. Uptime checks run three times in 15 minutes. The
roll-up runs once a night: its failure is sent to the topic when its retries are over."""


class FunctionGraphs:
    """Graphs about *functions*. All invocations count, whatever version they call."""

    def __init__(self, environment: Environment, functions: ServiceFunctions) -> None:
        self._environment = environment
        self._functions = functions

    def errors(self) -> list[Graph]:
        """Return graphs of calls that broke, ran out of time or of memory."""
        return [
            Graph(
                title="Errors of functions that somebody waits for, in 5 minutes",
                alarms=[self._broken(spec) for spec in _with_errors(AWAITED)],
            ),
            Graph(
                title="Errors of the workflow's tasks, in 15 minutes",
                alarms=[self._failing(spec) for spec in _with_errors(_OTHERS)],
            ),
            Graph(
                title="Compared calls that broke, in 15 minutes",
                alarms=[self._failing(MIRROR)],
            ),
            Graph(
                title="Runs of the uptime checks that broke, in 15 minutes",
                alarms=[self._failing_checks(UPTIME)],
            ),
        ]

    def throttles(self) -> Graph:
        """Return the graph of refused calls, without those of tasks: the workflow calls again, for
        minutes, and fails then. Nobody waits for Mirror's."""
        expected = {*TASKS.values(), MIRROR}
        return Graph(
            title="Throttled calls in 5 minutes",
            alarms=[self._throttled(spec) for spec in FUNCTIONS if spec not in expected],
        )

    def durations(self) -> list[Graph]:
        """Return graphs of the longest call, with the time in which Lambda ends it."""
        return [
            Graph(
                title="Longest call of functions that somebody waits for (ms)",
                alarms=[self._near_limit(spec) for spec in AWAITED],
            ),
            Graph(
                title="Longest call of the others (ms)",
                alarms=[self._near_limit(spec) for spec in _OTHERS],
            ),
        ]

    def _broken(self, spec: FunctionSpec) -> AlarmSpec:
        return AlarmSpec(
            name=f"{spec.name}Errors",
            why=f"The function {spec.name} broke three times in 5 minutes, twice within 15. What "
            "it answers with a status of 500 is not among these.",
            runbook="a-function-breaks",
            metric=self._metric(spec, "Errors", SUM, FIVE_MINUTES),
            threshold=3,
            datapoints=2,
            periods=3,
        )

    def _failing(self, spec: FunctionSpec) -> AlarmSpec:
        follows = _COMPARES if spec is MIRROR else _TRIED
        return AlarmSpec(
            name=f"{spec.name}Errors",
            why=f"{spec.name} broke ten times in 15 minutes, twice within an hour. {follows}",
            runbook="a-function-breaks",
            metric=self._metric(spec, "Errors", SUM, QUARTER),
            threshold=10,
            datapoints=2,
            periods=4,
        )

    def _failing_checks(self, spec: FunctionSpec) -> AlarmSpec:
        return AlarmSpec(
            name=f"{spec.name}Errors",
            why=f"Each run of {spec.name} broke for 15 minutes, twice within an hour: it is not "
            "known whether models answer.",
            runbook="a-function-breaks",
            metric=self._metric(spec, "Errors", SUM, QUARTER),
            threshold=3,
            datapoints=2,
            periods=4,
        )

    def _throttled(self, spec: FunctionSpec) -> AlarmSpec:
        return AlarmSpec(
            name=f"{spec.name}Throttles",
            why=f"Lambda refused five calls of {spec.name} in 5 minutes, twice within 15, for "
            "want of concurrent executions. A single burst is tried again by whoever called.",
            runbook="a-function-is-throttled",
            metric=self._metric(spec, "Throttles", SUM, FIVE_MINUTES),
            threshold=5,
            datapoints=2,
            periods=3,
        )

    def _near_limit(self, spec: FunctionSpec) -> AlarmSpec:
        timeout_s = spec.size_in(self._environment).timeout_s
        return AlarmSpec(
            name=f"{spec.name}NearTimeout",
            why=f"The longest call of {spec.name} took 95 % of the {timeout_s} s that it may "
            "take, in two of three quarters of an hour.",
            runbook="a-function-is-near-its-time-limit",
            metric=self._metric(spec, "Duration", MAXIMUM, QUARTER),
            threshold=round(_NEAR_LIMIT * timeout_s * _MS),
            datapoints=2,
            periods=3,
        )

    def _metric(
        self, spec: FunctionSpec, name: str, statistic: str, period: Duration
    ) -> cloudwatch.Metric:
        return self._functions.get(spec).function.metric(name, statistic=statistic, period=period)


def _with_errors(specs: Sequence[FunctionSpec]) -> list[FunctionSpec]:
    return [spec for spec in specs if spec not in _OWN_ALARM_ON_ERRORS]

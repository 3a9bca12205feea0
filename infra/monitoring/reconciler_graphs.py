"""Graphs and alarms of the reconciler's own work."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from functions.common.metric_names import (
    MODELS_DEPLOYED,
    ORPHANS_HELD,
    RECONCILE_FAILURES,
    WEBHOOK_FAILURES,
)
from infra.config import Environment
from infra.constructs.service_functions import ServiceFunctions
from infra.functions import RECONCILE
from infra.monitoring.alarm_spec import BELOW, NO_DATA_IS_BAD, AlarmSpec, Graph
from infra.monitoring.metrics import COUNT, SUM, own_metric

_RUNS = 4
"""Failures that last for so many runs of the reconciler need a person."""
_SILENT_RUNS = 3


class ReconcilerGraphs:
    """Graphs about the reconciler of *functions* and what calls it."""

    def __init__(self, environment: Environment, functions: ServiceFunctions) -> None:
        self._environment = environment
        self._function = functions.get(RECONCILE).function
        self._between = Duration.minutes(environment.reconcile_every_min)

    def graphs(self) -> list[Graph]:
        return [
            Graph(title="Reconciliations of all models", alarms=[self._silent()]),
            Graph(
                title="The reconciler's failures",
                alarms=[
                    self._broken(),
                    self._failing(),
                    self._webhook_failing(),
                    self._orphans_held(),
                ],
            ),
        ]

    def _silent(self) -> AlarmSpec:
        minutes = _SILENT_RUNS * self._environment.reconcile_every_min
        return AlarmSpec(
            name="ReconcilerSilent",
            why=f"No reconciliation of all models has ended well for {minutes} minutes, three "
            "times as long as between two. So it is on a new installation until its secrets are "
            "filled.",
            runbook="the-reconciler-is-silent",
            metric=self._own(MODELS_DEPLOYED, statistic=COUNT),
            threshold=1,
            comparison=BELOW,
            datapoints=_SILENT_RUNS,
            periods=_SILENT_RUNS,
            missing=NO_DATA_IS_BAD,
        )

    def _broken(self) -> AlarmSpec:
        return AlarmSpec(
            name="ReconcilerBroken",
            why="The reconciler broke: its log says why (`function.failed`).",
            runbook="the-reconciler-fails",
            metric=self._function.metric_errors(period=self._between),
            threshold=1,
        )

    def _failing(self) -> AlarmSpec:
        return AlarmSpec(
            name="ReconcilerFailing",
            why="Four times in a row the reconciler could not put everything right: its log says "
            "what (`reconcile.failed`, `reconcile.too_many_undeployments`).",
            runbook="the-reconciler-fails",
            metric=self._own(RECONCILE_FAILURES),
            threshold=1,
            datapoints=_RUNS,
            periods=_RUNS,
        )

    def _webhook_failing(self) -> AlarmSpec:
        return AlarmSpec(
            name="WebhookFailing",
            why="Four times in a row MLflow had no working webhook of this installation, so that "
            "new versions wait for the schedule: the reconciler's log says why "
            "(`webhook.checked`).",
            runbook="mlflows-webhook-fails",
            metric=self._own(WEBHOOK_FAILURES),
            threshold=1,
            datapoints=_RUNS,
            periods=_RUNS,
        )

    def _orphans_held(self) -> AlarmSpec:
        return AlarmSpec(
            name="OrphansHeld",
            why="Records of running endpoints seem to be lost (`reconcile.too_many_orphans`). "
            "Their endpoints are paid for, and somebody must say whether they may go.",
            runbook="endpoints-are-held",
            metric=self._own(ORPHANS_HELD),
            threshold=1,
        )

    def _own(self, name: str, *, statistic: str = SUM) -> cloudwatch.Metric:
        return own_metric(
            name,
            RECONCILE.service,
            self._environment,
            statistic=statistic,
            period=self._between,
        )

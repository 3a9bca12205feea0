"""Graphs and alarms of what brings work: MLflow's deliveries, and asynchronous calls."""

from functions.common.metric_names import DELIVERIES_REFUSED, FAULT, REASON
from infra.config import Environment
from infra.constructs.service_functions import ServiceFunctions
from infra.functions import MLFLOW_HOOK, RECONCILE
from infra.monitoring.alarm_spec import AlarmSpec, Graph
from infra.monitoring.metrics import QUARTER, SUM, own_metric, total


class DeliveryGraphs:
    """Graphs about the webhook and about asynchronous calls of the reconciler."""

    def __init__(self, environment: Environment, functions: ServiceFunctions) -> None:
        self._environment = environment
        self._reconciler = functions.get(RECONCILE).function

    def graphs(self) -> list[Graph]:
        return [
            Graph(
                title="MLflow's deliveries in 15 minutes",
                alarms=[self._deliveries_refused(), self._hook_faults()],
            ),
            Graph(
                title="Asynchronous calls that were given up",
                alarms=[self._dropped(), self._undelivered()],
            ),
        ]

    def _deliveries_refused(self) -> AlarmSpec:
        refused = {
            f"refused_{reason}": own_metric(
                DELIVERIES_REFUSED,
                MLFLOW_HOOK.service,
                self._environment,
                period=QUARTER,
                **{REASON: reason},
            )
            for reason in ("wrong_signature", "stale")
        }
        return AlarmSpec(
            name="DeliveriesRefused",
            why="Five deliveries in 15 minutes had a wrong signature or an old time, twice "
            "within an hour. Strangers send unsigned ones, which do not count.",
            runbook="mlflows-webhook-fails",
            metric=total(refused, label="Refused", period=QUARTER),
            threshold=5,
            datapoints=2,
            periods=4,
        )

    def _hook_faults(self) -> AlarmSpec:
        return AlarmSpec(
            name="WebhookFaults",
            why="Three deliveries in 15 minutes failed by our fault. MLflow tries each again, "
            "and the reconciler finds what was lost.",
            runbook="mlflows-webhook-fails",
            metric=own_metric(FAULT, MLFLOW_HOOK.service, self._environment, period=QUARTER),
            threshold=3,
        )

    def _dropped(self) -> AlarmSpec:
        return AlarmSpec(
            name="AsyncCallsDropped",
            why="Lambda gave up an asynchronous call of the reconciler after three attempts, or "
            "an hour; the topic has got the call itself, with what it failed of.",
            runbook="an-asynchronous-call-was-given-up",
            metric=self._reconciler.metric("AsyncEventsDropped", statistic=SUM, period=QUARTER),
            threshold=1,
        )

    def _undelivered(self) -> AlarmSpec:
        return AlarmSpec(
            name="AsyncFailuresUndelivered",
            why="Lambda could not send the topic an asynchronous call that had failed.",
            runbook="an-asynchronous-call-was-given-up",
            metric=self._reconciler.metric(
                "DestinationDeliveryFailures", statistic=SUM, period=QUARTER
            ),
            threshold=1,
        )

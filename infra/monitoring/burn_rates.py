"""Alarms on error budgets that burn too fast: composites of two windows and of enough calls."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.common.metric_names import LATENCY
from infra.config import Environment
from infra.functions import PREDICT
from infra.monitoring.alarm_spec import AT_LEAST, NO_DATA_IS_WELL, runbook_of
from infra.monitoring.metrics import COUNT, MAXIMUM, own_metric
from infra.monitoring.objective_graphs import SIGNALS, attained, burn_graph
from infra.monitoring.objectives import (
    OBJECTIVES,
    WINDOWS,
    Objective,
    Window,
    add_objective,
    slo_name,
)

_RUNBOOK = "an-objective-is-at-risk"


class BurnRates(Construct):
    """All objectives and the alarms on them.

    Attributes:
        alarms: The composites, which notify *topic*.
        widgets: Graphs of the burn rates with their thresholds, and of the calls.
    """

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        self._topic = topic
        enough = {window.name: self._enough(window) for window in WINDOWS}
        self.alarms: list[cloudwatch.CompositeAlarm] = []
        self.widgets = [attained(environment)]
        for objective in OBJECTIVES:
            slo = add_objective(self, objective, environment)
            for window in WINDOWS:
                parts = [
                    self._burning(objective, window, minutes)
                    for minutes in (window.short_min, window.long_min)
                ]
                for part in parts:
                    part.node.add_dependency(slo)
                self.alarms.append(self._both(objective, window, [*parts, enough[window.name]]))
                self.widgets.append(
                    burn_graph(f"{objective.name}: burn rate, {window.name.lower()}", parts)
                )
        self.widgets.append(burn_graph("Predictions in 1 h and 6 h", [*enough.values()]))

    def _enough(self, window: Window) -> cloudwatch.Alarm:
        calls = own_metric(
            LATENCY,
            PREDICT.service,
            self._environment,
            statistic=COUNT,
            period=Duration.minutes(window.long_min),
        )
        why = f"Part of the burn-rate alarms: there were {window.enough} predictions or more."
        return self._part(f"EnoughCalls{window.name}", why, calls, window.enough)

    def _burning(self, objective: Objective, window: Window, minutes: int) -> cloudwatch.Alarm:
        rate = cloudwatch.Metric(
            namespace=SIGNALS,
            metric_name="BurnRate",
            dimensions_map={
                "SloName": slo_name(objective, self._environment),
                "BurnRateWindowMinutes": str(minutes),
            },
            statistic=MAXIMUM,
            period=Duration.minutes(1),
        )
        why = f"Part of the burn-rate alarms: the budget burns {window.rate} times too fast."
        return self._part(f"{objective.name}Burn{minutes}Min", why, rate, window.rate)

    def _part(
        self, name: str, why: str, metric: cloudwatch.Metric, threshold: float
    ) -> cloudwatch.Alarm:
        """Return an alarm that notifies nobody by itself."""
        return cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._environment.stack_name}-{name}",
            alarm_description=f"{why} Runbook: {runbook_of(_RUNBOOK)}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=AT_LEAST,
            treat_missing_data=NO_DATA_IS_WELL,
        )

    def _both(
        self, objective: Objective, window: Window, parts: Sequence[cloudwatch.Alarm]
    ) -> cloudwatch.CompositeAlarm:
        name = f"{objective.name}Burns{window.name}"
        alarm = cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=f"{self._environment.stack_name}-{name}",
            alarm_description=(
                f"{objective.says} In {window.long_min} minutes {window.budget_percent:.0f} % of "
                f"what may fail in 30 days has failed, and in the last {window.short_min} minutes "
                f"it went on like this. Runbook: {runbook_of(_RUNBOOK)}"
            ),
            alarm_rule=cloudwatch.AlarmRule.all_of(
                *(
                    cloudwatch.AlarmRule.from_alarm(part, cloudwatch.AlarmState.ALARM)
                    for part in parts
                )
            ),
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        return alarm

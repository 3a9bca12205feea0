"""Alarms, dashboard, objectives and saved queries of the whole service."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.figures import WRONG_NOW
from infra.monitoring.access_log_metrics import count_in
from infra.monitoring.alarm_spec import Row
from infra.monitoring.api_alarms import ApiAlarms
from infra.monitoring.burn_rates import BurnRates
from infra.monitoring.call_rows import CallRows
from infra.monitoring.failures import failures
from infra.monitoring.model_rows import ModelRows
from infra.monitoring.monitored import Monitored
from infra.monitoring.page import Page
from infra.monitoring.queries import AVAILABILITY, MODELS, TOP_CALLERS
from infra.monitoring.saved_queries import save_queries, table

_FULL_WIDTH = 24


class Monitoring(Construct):
    """One page, a row for each of the six figures and one of what is wrong now; all its alarms
    notify *topic*."""

    def __init__(
        self, scope: Construct, id_: str, *, monitored: Monitored, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id_)
        environment = monitored.environment
        count_in(self, monitored.api.access_log)
        alarms: list[cloudwatch.IAlarm] = []
        graphs: list[cloudwatch.ConcreteWidget] = []
        if rollout := monitored.rollout:
            alarms.append(rollout)
            graphs.append(_alarm_graph(rollout))
        if environment.has_metric_math:
            save_queries(Construct(self, "Queries"), environment, monitored.logs())
            rates = BurnRates(self, "Objectives", environment=environment, topic=topic)
            alarms += rates.alarms
            graphs += rates.widgets
        rows, wrong = _figures(monitored), failures(monitored)
        page = Page(self, "Dashboard", environment=environment, topic=topic)
        for row in rows:
            page.add_row(row)
        page.add_header(WRONG_NOW, [_status([*alarms, *page.alarms_of([*rows, wrong])]), *graphs])
        page.add_row(wrong)


def _figures(monitored: Monitored) -> Sequence[Row]:
    environment, logs = monitored.environment, monitored.logs()
    models = ModelRows(environment)
    calls = CallRows(environment, ApiAlarms(environment, monitored.api.metric_dimensions))
    tables = [table(query, logs) for query in (TOP_CALLERS, MODELS)]
    return [
        models.deployed([table(AVAILABILITY, logs)]),
        calls.volume(),
        calls.time(),
        calls.errors(),
        models.costs(),
        models.users(tables),
    ]


def _alarm_graph(alarm: cloudwatch.Alarm) -> cloudwatch.AlarmWidget:
    return cloudwatch.AlarmWidget(title="Rollout of predict: bad calls (%)", alarm=alarm, width=6)


def _status(alarms: Sequence[cloudwatch.IAlarm]) -> cloudwatch.AlarmStatusWidget:
    return cloudwatch.AlarmStatusWidget(
        title="Alarms",
        alarms=list(alarms),
        sort_by=cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
        width=_FULL_WIDTH,
        height=8,
    )

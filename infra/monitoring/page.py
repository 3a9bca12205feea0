"""The dashboard: rows of graphs, each alarm drawn on its graph.

cdk-monitoring-constructs makes alarm, graph and threshold of one declaration. Its monitors of whole
services (`monitor_lambda_function`, …) are left out: of 14 functions they draw 14 sections.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cdk_monitoring_constructs as library
from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Environment
from infra.monitoring.alarm_spec import AlarmSpec, Drawn, Graph, Row, runbook_of

type _Drawn = Drawn | library.CustomMetricWithAlarm

_THRESHOLD = "Threshold"
"""The library's key of a threshold, of which a metric has one here."""


class Page(Construct):
    """A dashboard and its alarms, which notify *topic*."""

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        self._facade = library.MonitoringFacade(
            self,
            "Alarms",
            alarm_factory_defaults=library.AlarmFactoryDefaults(
                alarm_name_prefix=environment.stack_name,
                actions_enabled=True,
                action=library.SnsAlarmActionStrategy(on_alarm_topic=topic),
            ),
            metric_factory_defaults=library.MetricFactoryDefaults(),
            dashboard_factory=library.DefaultDashboardFactory(
                self, "Page", dashboard_name_prefix=environment.stack_name
            ),
        )

    def add_row(self, row: Row) -> None:
        """Add *row* below what there is, with its alarms."""
        self._facade.monitor_custom(
            alarm_friendly_name=row.title.replace(" ", ""),
            human_readable_name=row.title,
            metric_groups=[
                library.CustomMetricGroup(title=graph.title, metrics=[*self._drawn(graph)])
                for graph in row.graphs
                if graph.metrics or graph.alarms
            ],
        )
        if row.widgets:
            self._add(row.widgets)
        self._name_alarms()

    def add_header(self, title: str, widgets: Sequence[cloudwatch.ConcreteWidget]) -> None:
        """Add a title with *widgets* below what there is."""
        self._facade.add_large_header(title)
        self._add(widgets)

    def _add(self, widgets: Sequence[cloudwatch.ConcreteWidget]) -> None:
        """Add *widgets* side by side."""
        # A row has what a widget has, whatever its types say.
        side_by_side: Any = cloudwatch.Row(*widgets)
        self._facade.add_widget(side_by_side)

    def alarms_of(self, rows: Iterable[Row]) -> Sequence[cloudwatch.IAlarm]:
        """Return the alarms that *rows* have or will have, by their names."""
        stack, names = Stack.of(self), Construct(self, "ByName")
        return [
            cloudwatch.Alarm.from_alarm_arn(
                names,
                spec.name,
                stack.format_arn(
                    service="cloudwatch",
                    resource="alarm",
                    resource_name=self._name(spec.name),
                    arn_format=ArnFormat.COLON_RESOURCE_NAME,
                ),
            )
            for row in rows
            for graph in row.graphs
            for spec in graph.alarms
            if self._has_alarm(spec)
        ]

    def _has_alarm(self, spec: AlarmSpec) -> bool:
        return self._environment.has_metric_math or not spec.is_math

    def _name(self, name: str) -> str:
        return f"{self._environment.stack_name}-{name}"

    def _drawn(self, graph: Graph) -> Iterator[_Drawn]:
        yield from graph.metrics
        lines = set()
        for spec in graph.alarms:
            if not self._has_alarm(spec):
                yield spec.metric
                continue
            line = (spec.threshold, spec.comparison)
            yield _with_alarm(spec, is_drawn=line not in lines)
            lines.add(line)

    def _name_alarms(self) -> None:
        """Name all alarms after the stack.

        The library makes a construct's id of the name, which must be the same everywhere.
        """
        for made in self._facade.created_alarms():
            resource = made.alarm.node.default_child
            assert isinstance(resource, cloudwatch.CfnAlarm)  # noqa: S101 - for the type checker
            resource.alarm_name = self._name(made.alarm.node.id)


def _with_alarm(spec: AlarmSpec, *, is_drawn: bool) -> library.CustomMetricWithAlarm:
    """Return the metric of *spec* with its alarm; a threshold is drawn once on a graph."""
    threshold = library.CustomThreshold(
        alarm_name_override=spec.name,
        additional_description=spec.why,
        runbook_link=runbook_of(spec.runbook),
        threshold=spec.threshold,
        comparison_operator=spec.comparison,
        datapoints_to_alarm=spec.datapoints,
        evaluation_periods=spec.periods,
        treat_missing_data_override=spec.missing,
        override_annotation_visibility=is_drawn,
    )
    return library.CustomMetricWithAlarm(
        alarm_friendly_name=spec.name, metric=spec.metric, add_alarm={_THRESHOLD: threshold}
    )

"""Graphs and alarms of the DynamoDB tables and of the workflow."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_stepfunctions as sfn

from functions.common.deployments import model_index, unsettled_index
from infra.monitoring.alarm_spec import AlarmSpec, Graph
from infra.monitoring.metrics import FIVE_MINUTES, SUM, total

_GLOBAL_INDEXES = (model_index.NAME, unsettled_index.NAME)
"""They have capacities, and so metrics, of their own; a local index has its table's."""


class TableGraphs:
    """Graphs about the tables of deployments and of serving state.

    DynamoDB's internal errors have a metric for each operation of a table, of which each would be
    paid for: what they break, functions or calls, has alarms of its own.
    """

    def __init__(self, deployments: dynamodb.TableV2, state: dynamodb.TableV2) -> None:
        self._tables: dict[str, tuple[dynamodb.TableV2, Sequence[str]]] = {
            "Deployments": (deployments, _GLOBAL_INDEXES),
            "ServingState": (state, ()),
        }

    def throttles(self) -> Graph:
        return Graph(
            title="Throttled reads and writes of the tables, in 5 minutes",
            alarms=[self._throttled(name, *watched) for name, watched in self._tables.items()],
        )

    def _throttled(self, name: str, table: dynamodb.TableV2, indexes: Sequence[str]) -> AlarmSpec:
        dimensions: dict[str, dict[str, str]] = {"table": {}}
        dimensions |= {index: {"GlobalSecondaryIndexName": index} for index in indexes}
        metrics = {
            f"{name}_{kind}_{where}".lower(): _of_table(table, f"{kind}ThrottleEvents", **more)
            for where, more in dimensions.items()
            for kind in ("Read", "Write")
        }
        return AlarmSpec(
            name=f"{name}TableThrottles",
            why="DynamoDB refused ten reads or writes of the table or of its indexes in 5 "
            "minutes, twice within 15. The AWS client tries single ones again.",
            runbook="dynamodb-refuses-or-fails",
            metric=total(metrics, label=name),
            threshold=10,
            datapoints=2,
            periods=3,
        )


def workflow_graph(workflow: sfn.StateMachine) -> Graph:
    """Return the graph of executions that did not end well, or could not go on."""
    ended = "A provisioning workflow {}. An endpoint may be left running, and paid for."
    lasting = [
        AlarmSpec(
            name=f"Workflow{name}",
            why=ended.format(what),
            runbook="a-workflow-ended-badly",
            metric=metric,
            threshold=1,
        )
        for name, what, metric in (
            ("Failed", "failed", workflow.metric_failed(period=FIVE_MINUTES)),
            (
                "TimedOut",
                "ran out of time",
                workflow.metric_timed_out(period=FIVE_MINUTES),
            ),
            (
                "Aborted",
                "was aborted",
                workflow.metric_aborted(period=FIVE_MINUTES),
            ),
        )
    ]
    throttled = AlarmSpec(
        name="WorkflowThrottled",
        why="Step Functions held up ten steps of the workflow in 5 minutes, twice within 15, at "
        "the account's limit of state transitions. It goes on by itself, later.",
        runbook="a-workflow-ended-badly",
        metric=workflow.metric_throttled(period=FIVE_MINUTES),
        threshold=10,
        datapoints=2,
        periods=3,
    )
    return Graph(title="The workflow, in 5 minutes", alarms=[*lasting, throttled])


def _of_table(table: dynamodb.TableV2, name: str, **dimensions: str) -> cloudwatch.Metric:
    return table.metric(
        name,
        dimensions_map={"TableName": table.table_name, **dimensions},
        statistic=SUM,
        period=FIVE_MINUTES,
    )

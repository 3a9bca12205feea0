"""The row of what fails, or is about to: circuits, reconciler, deliveries, workflow, functions."""

from functions.common.metric_names import CIRCUIT_OPENED, TAKEN_BACK
from infra.config import Environment
from infra.functions import PREDICT
from infra.monitoring.alarm_spec import AlarmSpec, Graph, Row
from infra.monitoring.data_graphs import TableGraphs, workflow_graph
from infra.monitoring.delivery_graphs import DeliveryGraphs
from infra.monitoring.function_graphs import FunctionGraphs
from infra.monitoring.metrics import QUARTER, own_metric
from infra.monitoring.monitored import Monitored
from infra.monitoring.reconciler_graphs import ReconcilerGraphs
from infra.workflow_tasks import TASKS


def failures(monitored: Monitored) -> Row:
    """Return the row; most of its graphs are flat on a good day."""
    environment, shared = monitored.environment, monitored.shared
    functions = FunctionGraphs(environment, monitored.functions)
    return Row(
        title="Failures",
        graphs=[
            _circuits(environment),
            _versions_taken_back(environment),
            *ReconcilerGraphs(environment, monitored.functions).graphs(),
            *DeliveryGraphs(environment, monitored.functions).graphs(),
            workflow_graph(monitored.workflow),
            *functions.errors(),
            functions.throttles(),
            *functions.durations(),
            TableGraphs(shared.table.table, shared.state.table).throttles(),
        ],
    )


def _circuits(environment: Environment) -> Graph:
    spec = AlarmSpec(
        name="CircuitsOpening",
        why="Circuits opened three times in 15 minutes: endpoints of models keep failing. The "
        "log of the function Predict says which (`circuit.changed`).",
        runbook="circuits-keep-opening",
        metric=own_metric(CIRCUIT_OPENED, PREDICT.service, environment, period=QUARTER),
        threshold=3,
    )
    return Graph(title="Circuits opened in 15 minutes", alarms=[spec])


def _versions_taken_back(environment: Environment) -> Graph:
    spec = AlarmSpec(
        name="VersionTakenBack",
        why="A new version failed its callers and was taken back; the one before it serves again. "
        "Its reason, also in the event, says by what figures.",
        runbook="a-version-was-taken-back",
        metric=own_metric(TAKEN_BACK, TASKS["bake"].service, environment),
        threshold=1,
    )
    return Graph(title="Versions taken back", alarms=[spec])

"""Puts the operate function together, once per execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from functions.common import aws_clients
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation, Reconciliation
from functions.common.deployments.record import utc_now
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.workflow import StepFunctionsWorkflow, Workflow
from functions.operate.operations import Operations
from functions.operate.settings import OperationsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatePorts:
    """Everything outside the function."""

    deployments: DeploymentStore
    workflow: Workflow
    reconciliation: Reconciliation
    now: Callable[[], datetime] = utc_now


def bootstrap(ports: OperatePorts, settings: OperationsSettings) -> Operations:
    """Put the function together from *ports*."""
    requests = DeploymentRequests(
        ports.deployments, ports.workflow, installation=settings.installation, now=ports.now
    )
    return Operations(
        store=ports.deployments,
        requests=requests,
        reconciliation=ports.reconciliation,
        now=ports.now,
    )


def aws_ports(settings: OperationsSettings) -> OperatePorts:
    """Return the adapters that the function has in AWS."""
    return OperatePorts(
        deployments=DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name),
        workflow=StepFunctionsWorkflow(aws_clients.workflow(), settings.state_machine_arn),
        reconciliation=LambdaReconciliation(
            aws_clients.functions_awaited(), settings.reconcile_function
        ),
    )


@cache
def operations() -> Operations:
    """Return the function in AWS; its settings are read at the first request, never at import."""
    settings = OperationsSettings.from_env()
    return bootstrap(aws_ports(settings), settings)

"""Puts the webhook function together, once per execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from functions.common import aws_clients
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.reconciliation import LambdaReconciliation, Reconciliation
from functions.common.deployments.record import utc_now
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.workflow import StepFunctionsWorkflow, Workflow
from functions.mlflow_hook.deliveries import Deliveries
from functions.mlflow_hook.settings import HookSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class HookPorts:
    """Everything outside the function, but for the secret that signs deliveries."""

    deployments: DeploymentStore
    workflow: Workflow
    reconciliation: Reconciliation
    now: Callable[[], datetime] = utc_now


def bootstrap(ports: HookPorts, settings: HookSettings) -> Deliveries:
    """Put the function together from *ports*."""
    return Deliveries(
        policy=DeployPolicy.of(settings.deploy_alias),
        requests=DeploymentRequests(
            ports.deployments, ports.workflow, installation=settings.installation, now=ports.now
        ),
        reconciliation=ports.reconciliation,
    )


def aws_ports(settings: HookSettings) -> HookPorts:
    """Return the adapters that the function has in AWS."""
    return HookPorts(
        deployments=DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name),
        workflow=StepFunctionsWorkflow(aws_clients.workflow(), settings.state_machine_arn),
        reconciliation=LambdaReconciliation(aws_clients.functions(), settings.reconcile_function),
    )


@cache
def deliveries() -> Deliveries:
    """Return the function in AWS; its settings are read at the first delivery, never at import."""
    settings = HookSettings.from_env()
    return bootstrap(aws_ports(settings), settings)

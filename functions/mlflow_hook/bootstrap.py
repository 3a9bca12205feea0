"""Puts the webhook function together, once per execution environment."""

from functools import cache

from functions.common import aws_clients
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.deployments.request_ports import RequestPorts
from functions.common.deployments.workflow import StepFunctionsWorkflow
from functions.mlflow_hook.deliveries import Deliveries
from functions.mlflow_hook.settings import HookSettings


def bootstrap(ports: RequestPorts, settings: HookSettings) -> Deliveries:
    """Put the function together from *ports*."""
    return Deliveries(
        policy=DeployPolicy.of(settings.deploy_alias),
        requests=ports.requests(settings.installation),
        reconciliation=ports.reconciliation,
        now=ports.now,
    )


def aws_ports(settings: HookSettings) -> RequestPorts:
    """Return the adapters that the function has in AWS."""
    return RequestPorts(
        deployments=DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name),
        workflow=StepFunctionsWorkflow(aws_clients.workflow(), settings.state_machine_arn),
        reconciliation=LambdaReconciliation(aws_clients.functions(), settings.reconcile_function),
    )


@cache
def deliveries() -> Deliveries:
    """Return the function in AWS; its settings are read at the first delivery, never at import."""
    settings = HookSettings.from_env()
    return bootstrap(aws_ports(settings), settings)

"""Puts the operate function together, once per execution environment."""

from functools import cache

from functions.common import aws_clients
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.deployments.request_ports import RequestPorts
from functions.common.deployments.workflow import StepFunctionsWorkflow
from functions.common.endpoint_logs.kept import DynamoKeptLogs
from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.providers import registry as providers
from functions.common.secrets import SecretsManagerSecrets
from functions.common.settings import TableSettings
from functions.common.usage.dynamodb import DynamoUsageStore
from functions.operate.deployment_logs import DeploymentLogs
from functions.operate.model_usage import ModelUsage
from functions.operate.operations import Operations
from functions.operate.settings import OperationsSettings


def bootstrap(ports: RequestPorts, settings: OperationsSettings) -> Operations:
    """Put the function together from *ports*."""
    return Operations(
        store=ports.deployments,
        requests=ports.requests(settings.installation),
        reconciliation=ports.reconciliation,
        api_url=settings.api_url,
        now=ports.now,
    )


def aws_ports(settings: OperationsSettings) -> RequestPorts:
    """Return the adapters that the function has in AWS."""
    return RequestPorts(
        deployments=DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name),
        workflow=StepFunctionsWorkflow(aws_clients.workflow(), settings.state_machine_arn),
        reconciliation=LambdaReconciliation(
            aws_clients.functions_awaited(), settings.reconcile_function
        ),
    )


@cache
def deployment_logs() -> DeploymentLogs:
    """Return what finds logs in AWS; made when one is first asked for."""
    settings, table = TableSettings.from_env(), aws_clients.deployments_table()
    return DeploymentLogs(
        store=DynamoDeploymentStore(table, settings.table_name),
        logs=providers.provider(secrets=SecretsManagerSecrets()).logs(),
        kept=DynamoKeptLogs(table, settings.table_name),
    )


@cache
def operations() -> Operations:
    """Return the function in AWS; its settings are read at the first request, never at import."""
    settings = OperationsSettings.from_env()
    return bootstrap(aws_ports(settings), settings)


@cache
def model_usage() -> ModelUsage:
    """Return what reads usage in AWS; its settings are read as above."""
    table_name = OperationsSettings.from_env().table_name
    client = aws_clients.deployments_table()
    return ModelUsage(
        usage=DynamoUsageStore(client, table_name),
        ledger=DynamoLedger(client, table_name),
        store=DynamoDeploymentStore(client, table_name),
    )

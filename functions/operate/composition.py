"""The parts of the operate function, made once per execution environment."""

from functools import cache

from functions.common import aws_clients
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.workflow import StepFunctionsWorkflow
from functions.operate.operations import Operations
from functions.operate.settings import OperationsSettings


@cache
def operations() -> Operations:
    """Return the operations on the real table, workflow and reconcile function."""
    settings = OperationsSettings.from_env()
    store = DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name)
    workflow = StepFunctionsWorkflow(aws_clients.workflow(), settings.state_machine_arn)
    return Operations(
        store=store,
        requests=DeploymentRequests(store, workflow, installation=settings.installation),
        reconciliation=LambdaReconciliation(
            aws_clients.functions_awaited(), settings.reconcile_function
        ),
    )

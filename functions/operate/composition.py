"""The parts of the operate function, made once per execution environment."""

from functools import cache

import boto3
from botocore.config import Config

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.workflow import StepFunctionsWorkflow
from functions.operate.operations import Operations
from functions.operate.settings import OperationsSettings

_ONE_TRY = Config(connect_timeout=2, read_timeout=25, retries={"total_max_attempts": 1})
"""API Gateway times out after 29 s, and a retry would start a second reconciliation."""


@cache
def operations() -> Operations:
    """Return the operations on the real table, workflow and reconcile function."""
    settings = OperationsSettings.from_env()
    store = DynamoDeploymentStore(boto3.client("dynamodb"), settings.table_name)
    workflow = StepFunctionsWorkflow(boto3.client("stepfunctions"), settings.state_machine_arn)
    return Operations(
        store=store,
        requests=DeploymentRequests(store, workflow, installation=settings.installation),
        reconciliation=LambdaReconciliation(
            boto3.client("lambda", config=_ONE_TRY), settings.reconcile_function
        ),
    )

"""The parts of the webhook function, made once per execution environment."""

from functools import cache

import boto3

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.reconciliation import LambdaReconciliation, Reconciliation
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.workflow import StepFunctionsWorkflow
from functions.mlflow_hook.settings import HookSettings


@cache
def settings() -> HookSettings:
    """Read at the first delivery, never at import."""
    return HookSettings.from_env()


def policy() -> DeployPolicy:
    """Return the deploy policy."""
    return DeployPolicy.of(settings().deploy_alias)


@cache
def requests() -> DeploymentRequests:
    """Takes requests."""
    return DeploymentRequests(
        DynamoDeploymentStore(boto3.client("dynamodb"), settings().table_name),
        StepFunctionsWorkflow(boto3.client("stepfunctions"), settings().state_machine_arn),
        installation=settings().installation,
    )


@cache
def reconciliation() -> Reconciliation:
    """Looks at models whose tags or aliases have changed."""
    return LambdaReconciliation(boto3.client("lambda"), settings().reconcile_function)

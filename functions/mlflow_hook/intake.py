"""A wish becomes a record and a running workflow; only then is MLflow told that it was taken."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Protocol

import boto3

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import Deployment, Status, deployment_id
from functions.common.deployments.store import DeploymentStore
from functions.mlflow_hook.events import Wish
from functions.mlflow_hook.settings import HookSettings
from functions.mlflow_hook.workflow import StepFunctionsWorkflow


class Workflow(Protocol):
    """Runs the provisioning of deployments."""

    def execution_arn(self, deployment_id: str) -> str:
        """What the execution for this deployment is called, started or not."""
        ...

    def start(self, model_id: str, deployment_id: str) -> None:
        """Start provisioning; one that was started before is left as it is."""
        ...


class Intake:
    """Takes wishes; taking the same one again does nothing twice and answers the same."""

    def __init__(
        self,
        store: DeploymentStore,
        workflow: Workflow,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._workflow = workflow
        self._now = now

    def accept(self, wish: Wish) -> str:
        """The id of the deployment that fulfils *wish*; its record and its execution exist.

        Errors of the table or the workflow pass through: MLflow must try again then. A record
        that was left without an execution gets one by that.
        """
        id_ = deployment_id(wish.model_id, wish.model_version, wish.requested_at)
        now = self._now()
        self._store.add(
            Deployment(
                id=id_,
                model_id=wish.model_id,
                model_version=wish.model_version,
                status=Status.PENDING,
                requested_at=wish.requested_at,
                created_at=now,
                updated_at=now,
                execution_arn=self._workflow.execution_arn(id_),
            )
        )
        self._workflow.start(wish.model_id, id_)
        return id_


@cache
def intake() -> Intake:
    """The composition root."""
    settings = HookSettings.from_env()
    return Intake(
        DynamoDeploymentStore(boto3.client("dynamodb"), settings.table_name),
        StepFunctionsWorkflow(boto3.client("stepfunctions"), settings.state_machine_arn),
    )

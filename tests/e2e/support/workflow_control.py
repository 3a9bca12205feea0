"""Look at and interfere with the workflow of one model: executions, endpoints, reconciliation."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

from functions.common.deployments.record import utc_text
from infra.local.deployment import aws_client
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.waiting import DEFAULT_TIMEOUT_S, eventually

TABLE = "deployed_models_local"


@dataclass(frozen=True)
class WorkflowControl:
    """An operator with access to Step Functions and to the table.

    Attributes:
        step_functions, dynamodb: Clients of the local AWS.
    """

    step_functions: Any
    dynamodb: Any
    client: ApiClient

    @classmethod
    def of(cls, system: LocalSystem, operator: ApiClient) -> Self:
        """Return the control of *system*, whose API *operator* calls."""
        step_functions = aws_client("stepfunctions", system.aws_url)
        return cls(step_functions, aws_client("dynamodb", system.aws_url), operator)

    def endpoints(self, model: str) -> list[str]:
        """Return the names of the model's endpoints."""
        prefix = f"hokus-{model}-"
        return [name for name in self.client.endpoints() if name.startswith(prefix)]

    def wait_for_endpoint_count(self, model: str, count: int) -> None:
        """Wait until the model has exactly *count* endpoints."""
        done = eventually(lambda: len(self.endpoints(model)) == count)
        assert done, self.endpoints(model)

    def running_execution(self, model: str, version: str) -> str:
        """Return the ARN of the running execution that deploys this version."""
        executions = self._executions(model, version)
        (running,) = [each for each in executions if each["status"] == "RUNNING"]
        return str(running["executionArn"])

    def execution_status(self, execution: str) -> str:
        """Return Step Functions' status of the execution."""
        return str(self.step_functions.describe_execution(executionArn=execution)["status"])

    def stop_execution(self, execution: str) -> None:
        """Stop the execution, as somebody can in the console."""
        self.step_functions.stop_execution(executionArn=execution)

    def reconcile(self, model: str) -> list[str]:
        """Reconcile the model; return the changes made, none if it was not done in time."""
        answer = self.client.reconcile(model).raise_for_status()
        report = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            return []
        assert 0 == report["failed"], report
        return [change["change"] for change in report["changes"]]

    def reconcile_until_changed(self, model: str, change: str) -> None:
        """Reconcile until *change* has been made: some changes need time to have passed."""
        seen: list[list[str]] = []

        def is_made() -> bool:
            seen.append(self.reconcile(model))
            return change in seen[-1]

        assert wait_for(is_made, timeout_s=DEFAULT_TIMEOUT_S, every_s=5), seen

    def reconcile_until_restarted(self, model: str, version: str) -> None:
        """Reconcile until the version's abandoned deployment has another execution.

        The reports may lack it: a reconciliation that takes long goes on after its answer.
        """
        before = len(self._executions(model, version))

        def is_restarted() -> bool:
            self._backdate_deployments(model)
            self.reconcile(model)
            return len(self._executions(model, version)) > before

        assert wait_for(is_restarted, timeout_s=DEFAULT_TIMEOUT_S, every_s=2)

    def _executions(self, model: str, version: str) -> list[Any]:
        """Return all executions of the version's deployment."""
        deployment = self.client.deployment(model, version)
        assert deployment is not None
        (machine,) = self.step_functions.list_state_machines()["stateMachines"]
        pages = self.step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"]
        )
        executions = [each for page in pages for each in page["executions"]]
        return [each for each in executions if each["name"].startswith(deployment["id"])]

    def _backdate_deployments(self, model: str) -> None:
        """Set `updated_at` back: only a deployment untouched for a minute counts as abandoned."""
        a_minute_ago = utc_text(datetime.now(UTC) - timedelta(seconds=61))
        items = self.dynamodb.query(
            TableName=TABLE,
            KeyConditionExpression="model_id = :model",
            ExpressionAttributeValues={":model": {"S": model}},
        )["Items"]
        for item in items:
            if item.get("status", {}).get("S") in {"pending", "deploying"}:
                self.dynamodb.update_item(
                    TableName=TABLE,
                    Key={"model_id": item["model_id"], "id": item["id"]},
                    UpdateExpression="SET updated_at = :then",
                    ExpressionAttributeValues={":then": {"S": a_minute_ago}},
                )

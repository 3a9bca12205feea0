"""Port and adapter: the workflow that provisions deployments, in Step Functions."""

import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient


class Workflow(Protocol):
    """Runs the provisioning of deployments."""

    def execution_arn(self, deployment_id: str, *, run: int = 1) -> str:
        """Return the ARN of the *run*-th execution for this deployment, started or not."""
        ...

    def start(self, model_id: str, deployment_id: str, *, run: int = 1) -> None:
        """Start provisioning; an execution that was started before is left as it is."""
        ...

    def start_retiring(self, model_id: str, deployment_id: str) -> None:
        """Start what deletes a stopped deployment's endpoint once nobody can be using it."""
        ...

    def is_running(self, execution_arn: str) -> bool:
        """Return whether this execution has been started and has not ended."""
        ...


class StepFunctionsWorkflow:
    """Executions named after their deployment, so that none is started twice."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def execution_arn(self, deployment_id: str, *, run: int = 1) -> str:
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{_name(deployment_id, run)}"

    def start(self, model_id: str, deployment_id: str, *, run: int = 1) -> None:
        state = {"model_id": model_id, "deployment_id": deployment_id}
        self._start(_name(deployment_id, run), state)

    def start_retiring(self, model_id: str, deployment_id: str) -> None:
        state = {"model_id": model_id, "deployment_id": deployment_id, "retire_only": True}
        self._start(f"{deployment_id}-retire", state)

    def is_running(self, execution_arn: str) -> bool:
        try:
            execution = self._client.describe_execution(executionArn=execution_arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return False
        return execution["status"] == "RUNNING"

    def _start(self, name: str, state: dict[str, Any]) -> None:
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=json.dumps(state)
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return


def _name(deployment_id: str, run: int) -> str:
    """Names of executions cannot be used again for 90 days."""
    return deployment_id if run == 1 else f"{deployment_id}-{run}"

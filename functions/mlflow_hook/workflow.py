"""The provisioning workflow in Step Functions."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient


class StepFunctionsWorkflow:
    """Executions named after their deployment, so that none is started twice."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def execution_arn(self, deployment_id: str) -> str:
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{deployment_id}"

    def start(self, model_id: str, deployment_id: str) -> None:
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=deployment_id,
                input=json.dumps({"model_id": model_id, "deployment_id": deployment_id}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

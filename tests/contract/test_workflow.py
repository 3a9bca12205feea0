"""The fake workflow and Step Functions' (moto) behave the same."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.workflow import StepFunctionsWorkflow, Workflow
from tests.fakes.workflow import FakeWorkflow


class Executions(Protocol):
    """A workflow, and its executions as seen from outside."""

    @property
    def workflow(self) -> Workflow: ...

    def inputs(self) -> dict[str, Any]:
        """Return each execution's input, by its ARN."""
        ...

    def end(self, arn: str) -> None:
        """End this execution."""
        ...


@dataclass
class InMemory:
    """Executions of the fake."""

    workflow: FakeWorkflow = field(default_factory=FakeWorkflow)

    def inputs(self) -> dict[str, Any]:
        models = {deployment: model for model, deployment in self.workflow.started}
        arn = self.workflow.execution_arn
        runs = {
            arn(deployment, run=run): {"model_id": models[deployment], "deployment_id": deployment}
            for deployment, run in self.workflow.runs
        }
        retiring = {
            arn(f"{deployment}-retire"): {
                "model_id": model,
                "deployment_id": deployment,
                "retire_only": True,
            }
            for model, deployment in self.workflow.retiring
        }
        return runs | retiring

    def end(self, arn: str) -> None:
        self.workflow.running.discard(arn)


class InStepFunctions:
    """Executions of a state machine."""

    def __init__(self) -> None:
        self._client = boto3.client("stepfunctions", region_name="us-east-1")
        self._machine = self._client.create_state_machine(
            name="provision",
            definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}),
            roleArn="arn:aws:iam::123456789012:role/any",
        )["stateMachineArn"]
        self.workflow = StepFunctionsWorkflow(self._client, self._machine)

    def inputs(self) -> dict[str, Any]:
        listed = self._client.list_executions(stateMachineArn=self._machine)["executions"]
        arns = [each["executionArn"] for each in listed]
        described = {arn: self._client.describe_execution(executionArn=arn) for arn in arns}
        return {arn: json.loads(each["input"]) for arn, each in described.items()}

    def end(self, arn: str) -> None:
        self._client.stop_execution(executionArn=arn)


@pytest.fixture(params=["fake", "stepfunctions"])
def executions(request: pytest.FixtureRequest) -> Iterator[Executions]:
    """The fake, then Step Functions'."""
    if request.param == "fake":
        yield InMemory()
        return
    with mock_aws():
        yield InStepFunctions()


def test_an_execution_gets_model_and_deployment(executions: Executions) -> None:
    """It is named after the deployment, and its input does not ask to retire."""
    executions.workflow.start("Grüße", "deployment-1")

    arn = "arn:aws:states:us-east-1:123456789012:execution:provision:deployment-1"
    assert arn == executions.workflow.execution_arn("deployment-1")
    assert {arn: {"model_id": "Grüße", "deployment_id": "deployment-1"}} == executions.inputs()


def test_a_second_start_finds_the_execution(executions: Executions) -> None:
    """A webhook that is delivered again starts nothing."""
    executions.workflow.start("iris", "deployment-1")
    executions.workflow.start("iris", "deployment-1")

    assert [executions.workflow.execution_arn("deployment-1")] == list(executions.inputs())


def test_an_ended_execution_is_not_started_again(executions: Executions) -> None:
    """Step Functions keeps the names of Standard executions for 90 days."""
    arn = executions.workflow.execution_arn("deployment-1")
    executions.workflow.start("iris", "deployment-1")
    executions.end(arn)

    executions.workflow.start("iris", "deployment-1")

    assert [arn] == list(executions.inputs())
    assert not executions.workflow.is_running(arn)


def test_another_run_has_its_own_name(executions: Executions) -> None:
    """It is started once, with the input of the first."""
    executions.workflow.start("iris", "deployment-1")
    for _ in range(2):
        executions.workflow.start("iris", "deployment-1", run=2)

    arns = [executions.workflow.execution_arn("deployment-1", run=run) for run in (1, 2)]
    state = {"model_id": "iris", "deployment_id": "deployment-1"}
    assert dict.fromkeys(arns, state) == executions.inputs()
    assert arns[1].endswith(":deployment-1-2")


def test_retiring_has_its_own_execution(executions: Executions) -> None:
    """Once, beside the one that made the deployment."""
    executions.workflow.start("iris", "deployment-1")
    for _ in range(2):
        executions.workflow.start_retiring("iris", "deployment-1")

    retiring = [state for arn, state in executions.inputs().items() if arn.endswith("-retire")]
    assert [{"model_id": "iris", "deployment_id": "deployment-1", "retire_only": True}] == retiring
    assert 2 == len(executions.inputs())


def test_an_execution_runs_until_it_ends(executions: Executions) -> None:
    """An execution of another deployment does not count."""
    arn = executions.workflow.execution_arn("deployment-1")
    executions.workflow.start("iris", "deployment-1")
    executions.workflow.start("iris", "deployment-2")
    assert executions.workflow.is_running(arn)

    executions.end(arn)

    assert not executions.workflow.is_running(arn)


def test_an_execution_that_was_not_started_is_not_running(executions: Executions) -> None:
    """It may have been lost between the record and the start."""
    arn = executions.workflow.execution_arn("deployment-1")

    assert not executions.workflow.is_running(arn)

"""The fake workflow and Step Functions (moto) keep the same promises."""

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
    """A workflow, and its executions from outside."""

    @property
    def workflow(self) -> Workflow: ...

    def inputs(self) -> dict[str, Any]:
        """What each execution was given, by the execution's ARN."""
        ...

    def end(self, arn: str) -> None:
        """Have this execution come to its end."""
        ...


@dataclass
class InMemory:
    """Of the fake."""

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
    """Of a state machine."""

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
    """Each test runs on both."""
    if request.param == "fake":
        yield InMemory()
        return
    with mock_aws():
        yield InStepFunctions()


def test_a_start_carries_model_and_deployment(executions: Executions) -> None:
    """The execution is named after the deployment, and its input says nothing of retiring."""
    executions.workflow.start("Grüße", "deployment-1")

    arn = "arn:aws:states:us-east-1:123456789012:execution:provision:deployment-1"
    assert arn == executions.workflow.execution_arn("deployment-1")
    assert {arn: {"model_id": "Grüße", "deployment_id": "deployment-1"}} == executions.inputs()


def test_starting_twice_runs_once(executions: Executions) -> None:
    """A retried delivery finds its execution."""
    executions.workflow.start("iris", "deployment-1")
    executions.workflow.start("iris", "deployment-1")

    assert [executions.workflow.execution_arn("deployment-1")] == list(executions.inputs())


def test_a_name_is_used_once_even_when_its_execution_has_ended(executions: Executions) -> None:
    """Step Functions keeps names of Standard executions for 90 days."""
    arn = executions.workflow.execution_arn("deployment-1")
    executions.workflow.start("iris", "deployment-1")
    executions.end(arn)

    executions.workflow.start("iris", "deployment-1")

    assert [arn] == list(executions.inputs())
    assert not executions.workflow.is_running(arn)


def test_a_further_run_has_a_name_of_its_own(executions: Executions) -> None:
    """And is started once, too; its input is that of the first."""
    executions.workflow.start("iris", "deployment-1")
    for _ in range(2):
        executions.workflow.start("iris", "deployment-1", run=2)

    arns = [executions.workflow.execution_arn("deployment-1", run=run) for run in (1, 2)]
    state = {"model_id": "iris", "deployment_id": "deployment-1"}
    assert dict.fromkeys(arns, state) == executions.inputs()
    assert arns[1].endswith(":deployment-1-2")


def test_retiring_is_an_execution_of_its_own(executions: Executions) -> None:
    """Once, beside the one that brought the deployment up."""
    executions.workflow.start("iris", "deployment-1")
    for _ in range(2):
        executions.workflow.start_retiring("iris", "deployment-1")

    retiring = [state for arn, state in executions.inputs().items() if arn.endswith("-retire")]
    assert [{"model_id": "iris", "deployment_id": "deployment-1", "retire_only": True}] == retiring
    assert 2 == len(executions.inputs())


def test_an_execution_runs_until_it_ends(executions: Executions) -> None:
    """And one of another deployment does not count."""
    arn = executions.workflow.execution_arn("deployment-1")
    executions.workflow.start("iris", "deployment-1")
    executions.workflow.start("iris", "deployment-2")
    assert executions.workflow.is_running(arn)

    executions.end(arn)

    assert not executions.workflow.is_running(arn)


def test_an_execution_that_was_never_started_does_not_run(executions: Executions) -> None:
    """It may have been lost between the record and the start."""
    arn = executions.workflow.execution_arn("deployment-1")

    assert not executions.workflow.is_running(arn)

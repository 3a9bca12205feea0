"""The fake workflow and Step Functions (moto) keep the same promises."""

import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from functions.mlflow_hook.intake import Workflow
from functions.mlflow_hook.workflow import StepFunctionsWorkflow
from tests.fakes.workflow import FakeWorkflow

type Started = Callable[[], list[tuple[str, str]]]


@pytest.fixture(params=["fake", "stepfunctions"])
def workflow_and_started(request: pytest.FixtureRequest) -> Iterator[tuple[Workflow, Started]]:
    """A workflow, and what it has been asked to run."""
    if request.param == "fake":
        fake = FakeWorkflow()
        yield fake, lambda: fake.started
        return
    with mock_aws():
        client = boto3.client("stepfunctions", region_name="us-east-1")
        machine = client.create_state_machine(
            name="provision",
            definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}),
            roleArn="arn:aws:iam::123456789012:role/any",
        )["stateMachineArn"]

        def started() -> list[tuple[str, str]]:
            found = []
            for execution in client.list_executions(stateMachineArn=machine)["executions"]:
                described = client.describe_execution(executionArn=execution["executionArn"])
                found.append(tuple(json.loads(described["input"]).values()))
            return found

        yield StepFunctionsWorkflow(client, machine), started


def test_a_start_carries_model_and_deployment(
    workflow_and_started: tuple[Workflow, Started],
) -> None:
    """The execution is named after the deployment."""
    workflow, started = workflow_and_started

    workflow.start("Grüße", "deployment-1")

    assert [("Grüße", "deployment-1")] == started()
    arn = workflow.execution_arn("deployment-1")
    assert arn.startswith("arn:aws:states:us-east-1:123456789012:execution:provision:")
    assert arn.endswith(":deployment-1")


def test_starting_twice_runs_once(workflow_and_started: tuple[Workflow, Started]) -> None:
    """A retried delivery finds its execution."""
    workflow, started = workflow_and_started

    workflow.start("iris", "deployment-1")
    workflow.start("iris", "deployment-1")

    assert [("iris", "deployment-1")] == started()

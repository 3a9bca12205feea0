"""The store under test: every test in this folder runs on the fake, on DynamoDB (moto), and on
the table in memory that the benches count with."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.tables import DEPLOYMENTS, create_table


@pytest.fixture(params=["fake", "dynamodb", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[DeploymentStore]:
    """An empty store."""
    if request.param == "fake":
        yield FakeDeploymentStore()
        return
    if request.param == "memory":
        yield DynamoDeploymentStore(a_counting_table(), DEPLOYMENTS)
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        yield DynamoDeploymentStore(client, DEPLOYMENTS)

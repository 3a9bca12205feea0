"""The store under test: every test in this folder runs on the fake and on DynamoDB (moto)."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.tables import DEPLOYMENTS, create_table


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[DeploymentStore]:
    """An empty store."""
    if request.param == "fake":
        yield FakeDeploymentStore()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        yield DynamoDeploymentStore(client, DEPLOYMENTS)

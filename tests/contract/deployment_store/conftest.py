"""The store under test: every test in this folder runs on the fake and on DynamoDB (moto)."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentStore
from tests.fakes.deployment_store import FakeDeploymentStore


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[DeploymentStore]:
    """An empty store."""
    if request.param == "fake":
        yield FakeDeploymentStore()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName="deployed_models",
            KeySchema=[
                {"AttributeName": "model_id", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "model_id", "AttributeType": "S"},
                {"AttributeName": "id", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoDeploymentStore(client, "deployed_models")

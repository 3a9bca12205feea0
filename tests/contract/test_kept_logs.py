"""The fake of kept logs and DynamoDB's behave the same."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.endpoint_logs.kept import MAX_KEPT_BYTES, DynamoKeptLogs, KeptLogs
from tests.builders import NOON, a_deployment
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.tables import DEPLOYMENTS, create_table

DEPLOYMENT = a_deployment()


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        yield client


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest, client: Any) -> KeptLogs:
    if request.param == "fake":
        return FakeKeptLogs()
    return DynamoKeptLogs(client, DEPLOYMENTS, now=lambda: NOON)


def test_a_log_is_kept(kept: KeptLogs) -> None:
    """With the time; a later one takes its place."""
    kept.keep("iris", DEPLOYMENT.id, "first")
    kept.keep("iris", DEPLOYMENT.id, "Grüße\n" * 1_000)

    found = kept.get("iris", DEPLOYMENT.id)

    assert found
    assert ("Grüße\n" * 1_000, NOON) == (found.text, found.kept_at)


def test_what_is_not_kept_is_none(kept: KeptLogs) -> None:
    """Another deployment's, another model's."""
    kept.keep("iris", DEPLOYMENT.id, "text")

    assert kept.get("iris", "other") is None
    assert kept.get("wine", DEPLOYMENT.id) is None


def test_of_a_log_that_does_not_compress_the_end_is_kept(kept: KeptLogs) -> None:
    """Random letters stand for a log that cannot be made small."""
    letters = random.Random(1)  # noqa: S311 - no secret
    text = "".join(letters.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=200_000))

    kept.keep("iris", DEPLOYMENT.id, text)

    found = kept.get("iris", DEPLOYMENT.id)
    assert found
    assert text.endswith(found.text)
    assert len(found.text) > MAX_KEPT_BYTES


def test_a_kept_log_is_none_of_the_models_records(client: Any) -> None:
    """It expires after 90 days, and is no deployment to whoever reads those."""
    store = DynamoDeploymentStore(client, DEPLOYMENTS)
    store.add(DEPLOYMENT)
    DynamoKeptLogs(client, DEPLOYMENTS, now=lambda: NOON).keep("iris", DEPLOYMENT.id, "text")

    state = store.state("iris")
    item = client.get_item(
        TableName=DEPLOYMENTS,
        Key={"model_id": {"S": "iris"}, "id": {"S": f"~log#{DEPLOYMENT.id}"}},
    )["Item"]

    assert ([DEPLOYMENT.id], ()) == ([each.id for each in state.deployments], state.unreadable)
    assert [state] == list(store.states())
    assert int((NOON + timedelta(days=90)).timestamp()) == int(item["expiration"]["N"])

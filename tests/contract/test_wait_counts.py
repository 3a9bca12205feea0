"""The fake wait counts and DynamoDB's (moto) behave the same."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from functions.predict.resilience.dynamodb_wait_counts import DynamoWaitCounts
from functions.predict.resilience.wait_limit import WaitCounts, WaitCountsUnavailableError
from tests.fakes.wait_counts import FakeWaitCounts
from tests.tables import STATE, create_table


@pytest.fixture(params=["fake", "dynamodb", "memory"])
def counts(request: pytest.FixtureRequest) -> Iterator[WaitCounts]:
    """Counts that have not begun."""
    if request.param == "fake":
        yield FakeWaitCounts()
        return
    if request.param == "memory":
        yield DynamoWaitCounts(a_counting_table(), STATE)
        return
    with mock_aws():
        yield DynamoWaitCounts(create_table(STATE, boto3.client("dynamodb", "us-east-1")), STATE)


def test_a_count_ends_at_its_limit(counts: WaitCounts) -> None:
    """Another one is counted by itself."""
    first = [counts.add("a", limit=2, keep_s=60) for _ in range(4)]

    assert [True, True, False, False] == first
    assert counts.add("b", limit=1, keep_s=60)


def test_a_limit_of_zero_admits_nobody(counts: WaitCounts) -> None:
    """An operator can turn waiting off."""
    assert not counts.add("a", limit=0, keep_s=60)


@mock_aws
def test_a_count_expires() -> None:
    """DynamoDB deletes it some time later."""
    client: Any = create_table(STATE, boto3.client("dynamodb", "us-east-1"))
    DynamoWaitCounts(client, STATE, now=lambda: 1_000.0).add("a", limit=2, keep_s=50)

    item = client.get_item(TableName=STATE, Key={"id": {"S": "a"}})["Item"]

    assert ({"N": "1"}, {"N": "1050"}) == (item["waiting"], item["expiration"])


@mock_aws
def test_a_table_that_does_not_answer_is_said_to_be_unavailable() -> None:
    """Whatever is wrong with it."""
    client: Any = boto3.client("dynamodb", "us-east-1")

    with pytest.raises(WaitCountsUnavailableError):
        DynamoWaitCounts(client, "nowhere").add("a", limit=1, keep_s=1)

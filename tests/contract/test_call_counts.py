"""The fake store of call counts and DynamoDB's behave the same."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from functions.common.outcomes.counts import QUARTER_S, CallCounts, quarter_of, quarters_between
from functions.common.outcomes.dynamodb import KEPT_S, DynamoCallCountStore
from functions.common.outcomes.store import (
    MOST_QUARTERS,
    CallCountStore,
    CallCountsUnavailableError,
)
from tests.fakes.call_counts import FakeCallCountStore
from tests.tables import STATE, create_table

UNREACHABLE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""
QUARTER = quarter_of(1_800_000_000)


def in_dynamodb() -> CallCountStore:
    return DynamoCallCountStore(create_table(STATE), STATE)


def in_memory() -> CallCountStore:
    return DynamoCallCountStore(a_counting_table(), STATE)


@pytest.fixture(
    params=[FakeCallCountStore, in_dynamodb, in_memory], ids=["fake", "dynamodb", "memory"]
)
def store(request: pytest.FixtureRequest) -> Iterator[CallCountStore]:
    make: Callable[[], CallCountStore] = request.param
    with mock_aws():
        yield make()


@pytest.fixture(params=["fake", "dynamodb"])
def unavailable(request: pytest.FixtureRequest) -> CallCountStore:
    """A store that cannot be reached."""
    if request.param == "fake":
        fake = FakeCallCountStore()
        fake.down = True
        return fake
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=0.2)
    client = boto3.client("dynamodb", endpoint_url=UNREACHABLE, config=config)
    return DynamoCallCountStore(client, STATE)


def test_a_deployment_without_calls_has_none(store: CallCountStore) -> None:
    """Of no quarter, too."""
    assert CallCounts() == store.total("d1", [QUARTER])
    assert CallCounts() == store.total("d1", [])


def test_all_environments_add_up(store: CallCountStore) -> None:
    """Within a quarter and over several; of one deployment."""
    store.add("d1", QUARTER, CallCounts(40, 1))
    store.add("d1", QUARTER, CallCounts(1, 1))
    store.add("d1", QUARTER + 1, CallCounts(20, 0))
    store.add("d2", QUARTER, CallCounts(7, 7))

    assert CallCounts(61, 2) == store.total("d1", [QUARTER, QUARTER + 1])
    assert CallCounts(41, 2) == store.total("d1", [QUARTER - 1, QUARTER])


def test_as_many_quarters_as_are_kept_are_read_at_once(store: CallCountStore) -> None:
    """In one request."""
    quarters = quarters_between(0, 9e9, at_most=MOST_QUARTERS)
    for quarter in quarters:
        store.add("d1", quarter, CallCounts(1, 0))

    assert MOST_QUARTERS == len(quarters)
    assert CallCounts(MOST_QUARTERS, 0) == store.total("d1", quarters)


def test_an_unavailable_store_raises(unavailable: CallCountStore) -> None:
    """Both reading and writing raise."""
    with pytest.raises(CallCountsUnavailableError):
        unavailable.add("d1", QUARTER, CallCounts(1, 0))
    with pytest.raises(CallCountsUnavailableError):
        unavailable.total("d1", [QUARTER])


def test_counts_expire() -> None:
    """DynamoDB deletes them when nobody reads them any more."""
    with mock_aws():
        in_dynamodb().add("d1", QUARTER, CallCounts(1, 0))
        key = {"id": {"S": f"outcomes#d1#{QUARTER}"}}
        item = boto3.client("dynamodb").get_item(TableName=STATE, Key=key)["Item"]

    assert {"N": str(QUARTER * QUARTER_S + KEPT_S)} == item["expiration"]
    assert KEPT_S > MOST_QUARTERS * QUARTER_S


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [(0, 0, [0]), (899, 900, [0, 1]), (0, 4_000, [2, 3, 4])],
)
def test_quarters_cover_a_time(start_s: float, end_s: float, expected: list[int]) -> None:
    """Of a long one, the last quarters."""
    assert expected == quarters_between(start_s, end_s, at_most=3)

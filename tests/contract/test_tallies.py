"""The fake tallies and DynamoDB's behave the same."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from functions.common.agreements.dynamodb import DynamoTallyStore
from functions.common.agreements.store import TalliesUnavailableError, TallyStore
from functions.common.agreements.tally import ComparedCall, Tally
from tests.fakes.tallies import FakeTallyStore
from tests.tables import STATE, create_table

NOW = 1_800_000_000.5
UNREACHABLE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""
AGREEING = ComparedCall(agrees=True, difference=0.0005, live_ms=10, candidate_ms=12)
FAILED = ComparedCall(agrees=False, failed=True)


def in_dynamodb() -> TallyStore:
    return DynamoTallyStore(create_table(STATE), STATE, now=lambda: NOW)


@pytest.fixture(params=[FakeTallyStore, in_dynamodb], ids=["fake", "dynamodb"])
def tallies(request: pytest.FixtureRequest) -> Iterator[TallyStore]:
    make: Callable[[], TallyStore] = request.param
    with mock_aws():
        yield make()


@pytest.fixture(params=["fake", "dynamodb"])
def unavailable(request: pytest.FixtureRequest) -> TallyStore:
    """A store that cannot be reached."""
    if request.param == "fake":
        fake = FakeTallyStore()
        fake.down = True
        return fake
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=0.2)
    return DynamoTallyStore(
        boto3.client("dynamodb", endpoint_url=UNREACHABLE, config=config), STATE
    )


def test_nothing_is_counted_before_the_first_call(tallies: TallyStore) -> None:
    """All counts are 0, and there is no difference."""
    assert Tally() == tallies.get("d2", "d1")


def test_calls_are_counted(tallies: TallyStore) -> None:
    """By candidate and live deployment."""
    for call in (AGREEING, FAILED, AGREEING):
        tallies.add("d2", "d1", call)

    expected = Tally(calls=3, agreeing=2, errors=1, difference=0.0005, live_ms=20, candidate_ms=24)
    assert expected == tallies.get("d2", "d1")
    assert Tally() == tallies.get("d2", "d0") == tallies.get("d3", "d1")


@pytest.mark.parametrize("differences", [(0.1, 0.3, 0.2), (0.3, None, 0.1), (1e-12, 0.3)])
def test_the_largest_difference_stays(
    tallies: TallyStore, differences: tuple[float | None, ...]
) -> None:
    """In whatever order the calls come."""
    for difference in differences:
        tallies.add("d2", "d1", ComparedCall(agrees=False, difference=difference))

    assert 0.3 == tallies.get("d2", "d1").difference


def test_an_unavailable_store_raises(unavailable: TallyStore) -> None:
    """Both reading and counting raise."""
    with pytest.raises(TalliesUnavailableError):
        unavailable.get("d2", "d1")
    with pytest.raises(TalliesUnavailableError):
        unavailable.add("d2", "d1", AGREEING)


def test_counts_expire() -> None:
    """DynamoDB deletes them a day after the last call."""
    with mock_aws():
        in_dynamodb().add("d2", "d1", AGREEING)
        key = {"id": {"S": "agreement#d2#d1"}}
        item = boto3.client("dynamodb").get_item(TableName=STATE, Key=key)["Item"]

    assert {"N": str(int(NOW) + 24 * 3600)} == item["expiration"]

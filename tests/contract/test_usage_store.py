"""The fake store of usage and DynamoDB's behave the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from bench.metering import Tally
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.item_size import item_size
from functions.common.usage.distinct import MOST_KEPT
from functions.common.usage.dynamodb import MOST_BYTES, MOST_USERS, DynamoUsageStore
from functions.common.usage.figures import Figures, ModelDay
from functions.common.usage.store import UsageStore, UsersOfDay
from tests.builders import a_deployment, set_desired
from tests.fakes.usage_store import FakeUsageStore
from tests.tables import DEPLOYMENTS, create_table

DAY = date(2026, 11, 30)
FIGURES = Figures(
    calls=7,
    faults=1,
    refusals=2,
    latency_us=10**12,
    provider_us=123_456,
    bytes_in=10**15,
    bytes_out=5,
)
IRIS = ModelDay(
    model_id="iris",
    day=DAY,
    complete=True,
    users={"ada": FIGURES, "zoë": replace(FIGURES, calls=1)},
    others=Figures(calls=3),
)
USERS = UsersOfDay(day=DAY, complete=True, calls=11, hashes=(0, 255, 2**64 - 1))


@pytest.fixture(params=["fake", "dynamodb", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[UsageStore]:
    """An empty store."""
    if request.param == "fake":
        yield FakeUsageStore()
        return
    if request.param == "memory":
        yield DynamoUsageStore(a_counting_table(), DEPLOYMENTS)
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        yield DynamoUsageStore(client, DEPLOYMENTS)


def test_what_is_not_stored_is_not_returned(store: UsageStore) -> None:
    """No day is made up."""
    assert [] == list(store.days("iris", DAY, DAY))
    assert [] == list(store.users(DAY, DAY))


def test_what_is_written_is_read(store: UsageStore) -> None:
    """Every field survives, of a day without users, too."""
    nobody = ModelDay(model_id="iris", day=DAY - timedelta(days=1), complete=False)
    empty = UsersOfDay(day=DAY - timedelta(days=1), complete=False)
    for day in (IRIS, nobody):
        assert store.write(day)
    for users in (USERS, empty):
        assert store.write_users(users)

    assert [nobody, IRIS] == list(store.days("iris", date(2026, 1, 1), DAY))
    assert [empty, USERS] == list(store.users(date(2026, 1, 1), DAY))


def test_only_the_models_days_in_the_range_are_read(store: UsageStore) -> None:
    """In order, both ends included."""
    for back in (3, 0, 1, 2):
        assert store.write(replace(IRIS, day=DAY - timedelta(days=back)))
        assert store.write_users(replace(USERS, day=DAY - timedelta(days=back)))
    assert store.write(replace(IRIS, model_id="iris2"))

    first, last = DAY - timedelta(days=2), DAY - timedelta(days=1)
    assert [first, last] == [each.day for each in store.days("iris", first, last)]
    assert [first, last] == [each.day for each in store.users(first, last)]


def test_a_day_is_replaced_as_a_whole(store: UsageStore) -> None:
    """The second write changes nothing, another one leaves nothing of the first."""
    assert store.write(IRIS)
    assert store.write(IRIS)
    assert [IRIS] == list(store.days("iris", DAY, DAY))

    later = ModelDay(model_id="iris", day=DAY, complete=True, users={"bob": Figures(calls=11)})
    assert store.write(later)
    assert store.write_users(USERS)
    assert store.write_users(replace(USERS, hashes=(1,)))

    assert [later] == list(store.days("iris", DAY, DAY))
    assert [replace(USERS, hashes=(1,))] == list(store.users(DAY, DAY))


def test_a_day_with_fewer_calls_replaces_nothing(store: UsageStore) -> None:
    """It was read from a part of the log."""
    assert store.write(IRIS)
    assert store.write_users(USERS)

    assert not store.write(replace(IRIS, others=Figures(calls=2)))
    assert not store.write_users(replace(USERS, calls=10))
    assert [IRIS] == list(store.days("iris", DAY, DAY))
    assert [USERS] == list(store.users(DAY, DAY))


def test_thousands_of_users_lose_no_call(store: UsageStore) -> None:
    """Whoever is folded into the others."""
    users = {f"user-{n:05}": replace(FIGURES, provider_us=n) for n in range(3_000)}
    day = replace(IRIS, users=users)
    assert store.write(day)
    assert store.write(day)

    (found,) = store.days("iris", DAY, DAY)
    assert day.total == found.total
    assert "user-02999" in found.users


@pytest.mark.parametrize("name", ["u{}" + "x" * 100, "{}" + "\U0001f600" * 120])
def test_an_item_has_room_for_the_busiest(name: str) -> None:
    """At most 1,000, and no more than half of what an item may have."""
    client = a_counting_table()
    users = {name.format(n): replace(FIGURES, provider_us=n) for n in range(5_000)}
    DynamoUsageStore(client, DEPLOYMENTS).write(replace(IRIS, users=users))

    (found,) = DynamoUsageStore(client, DEPLOYMENTS).days("iris", DAY, DAY)

    kept = {name.format(n) for n in range(5_000 - len(found.users), 5_000)}
    assert kept == found.users.keys()
    assert 100 < len(kept) <= MOST_USERS
    assert item_size(stored(client, "iris", "usage#2026-11-30")) < MOST_BYTES + 200


def test_an_item_has_room_for_the_users_of_a_day() -> None:
    """As many as are kept."""
    client = a_counting_table()
    users = replace(USERS, hashes=tuple(2**64 - n for n in range(1, MOST_KEPT + 1)))

    assert DynamoUsageStore(client, DEPLOYMENTS).write_users(users)
    assert [users] == list(DynamoUsageStore(client, DEPLOYMENTS).users(DAY, DAY))


def test_a_day_that_cannot_be_read_is_left_out() -> None:
    """The others are shown."""
    client = a_counting_table()
    store = DynamoUsageStore(client, DEPLOYMENTS)
    assert store.write(IRIS)
    key = {"model_id": {"S": "iris"}, "id": {"S": "usage#2026-11-29"}}
    client.put_item(TableName=DEPLOYMENTS, Item={**key, "users": {"S": "?"}})

    assert [IRIS] == list(store.days("iris", DAY - timedelta(days=1), DAY))


def test_records_are_read_as_if_there_were_no_usage() -> None:
    """At the same cost."""
    tally = Tally()
    client = a_counting_table(tally)
    records, store = (
        DynamoDeploymentStore(client, DEPLOYMENTS),
        DynamoUsageStore(client, DEPLOYMENTS),
    )
    deployment = a_deployment()
    records.add(deployment)
    set_desired(records, deployment)
    before, reads = records.state("iris"), tally.reads
    cost = tally.reads - reads
    for number in range(100):
        store.write(replace(IRIS, day=DAY - timedelta(days=number)))
        store.write_users(replace(USERS, day=DAY - timedelta(days=number)))
    reads = tally.reads

    assert before == records.state("iris")
    assert cost <= 1 == tally.reads - reads
    assert [before] == list(records.states())
    assert ["iris"] == [each.model_id for each in records.overview()]


def test_items_expire_13_months_after_their_day() -> None:
    """By DynamoDB, which reads the attribute `expiration`."""
    client = a_counting_table()
    DynamoUsageStore(client, DEPLOYMENTS).write(IRIS)

    item = stored(client, "iris", "usage#2026-11-30")

    expires_at = datetime.fromtimestamp(int(item["expiration"]["N"]), UTC)
    assert datetime(2027, 12, 31, tzinfo=UTC) == expires_at


def stored(client: Any, model_id: str, sort_key: str) -> Any:
    key = {"model_id": {"S": model_id}, "id": {"S": sort_key}}
    return client.get_item(TableName=DEPLOYMENTS, Key=key, ConsistentRead=True)["Item"]

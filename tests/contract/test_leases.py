"""The fake lease store and DynamoDB's behave the same."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from functions.predict.idempotency.dynamodb import DynamoLeaseStore
from functions.predict.idempotency.leases import (
    MAX_ANSWER_BYTES,
    Completed,
    InProgress,
    Lease,
    LeaseStore,
    LeasesUnavailableError,
)
from tests.fakes.leases import FakeLeaseStore
from tests.tables import STATE, create_table

UNREACHABLE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


class Clock:
    """A clock in Unix seconds that the test sets."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Shared:
    """Lease stores of several execution environments, and their clock."""

    environment: Callable[[], LeaseStore]
    clock: Clock


@pytest.fixture(params=["fake", "dynamodb", "memory"])
def shared(request: pytest.FixtureRequest) -> Iterator[Shared]:
    clock = Clock()
    if request.param == "fake":
        fake = FakeLeaseStore(now=clock)
        yield Shared(lambda: fake, clock)
        return
    if request.param == "memory":
        table = a_counting_table()
        yield Shared(lambda: DynamoLeaseStore(table, STATE, now=clock), clock)
        return
    with mock_aws():
        client = create_table(STATE)
        yield Shared(lambda: DynamoLeaseStore(client, STATE, now=clock), clock)


@pytest.fixture(params=["fake", "dynamodb"])
def unavailable(request: pytest.FixtureRequest) -> LeaseStore:
    """A lease store that cannot be reached."""
    if request.param == "fake":
        fake = FakeLeaseStore()
        fake.down = True
        return fake
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=0.2)
    client = boto3.client("dynamodb", endpoint_url=UNREACHABLE, config=config)
    return DynamoLeaseStore(client, STATE)


def leased(found: Lease | InProgress | Completed) -> Lease:
    assert isinstance(found, Lease)
    return found


def test_a_lease_is_given_once(shared: Shared) -> None:
    """The second caller learns that the work is in progress, in any environment."""
    lease = shared.environment().acquire("a", digest="d", lease_s=10)

    assert isinstance(lease, Lease)
    assert InProgress("d") == shared.environment().acquire("a", digest="other", lease_s=10)


def test_leases_of_different_ids_are_independent(shared: Shared) -> None:
    """Each id has its own lease."""
    for id_ in ("a", "b", "a#b"):
        assert isinstance(shared.environment().acquire(id_, digest="d", lease_s=10), Lease)


@pytest.mark.parametrize("answer", [b"", b"{}", bytes(range(256))])
def test_an_answer_is_kept_until_it_expires(shared: Shared, answer: bytes) -> None:
    """To the second, and byte for byte."""
    one, other = shared.environment(), shared.environment()
    one.complete(leased(one.acquire("a", digest="d", lease_s=10)), answer, keep_s=60)

    shared.clock.now += 59.9
    assert Completed("d", answer) == other.acquire("a", digest="d", lease_s=10)
    shared.clock.now += 0.2
    assert isinstance(other.acquire("a", digest="d", lease_s=10), Lease)


def test_an_answer_larger_than_an_item_is_not_kept(shared: Shared) -> None:
    """The next call computes it again. Random bytes, which compression does not make smaller."""
    one = shared.environment()
    answer = random.Random(1).randbytes(MAX_ANSWER_BYTES + 1)  # noqa: S311
    one.complete(leased(one.acquire("a", digest="d", lease_s=10)), answer, keep_s=60)

    assert isinstance(shared.environment().acquire("a", digest="d", lease_s=10), Lease)


def test_a_compressible_answer_is_kept_whole(shared: Shared) -> None:
    """The limit applies to the compressed answer."""
    one, answer = shared.environment(), b"[1.0, 2.0]" * MAX_ANSWER_BYTES
    one.complete(leased(one.acquire("a", digest="d", lease_s=10)), answer, keep_s=60)

    assert Completed("d", answer) == shared.environment().acquire("a", digest="d", lease_s=10)


def test_a_lease_expires(shared: Shared) -> None:
    """A caller that crashed does not block the others."""
    one, other = shared.environment(), shared.environment()
    lost = leased(one.acquire("a", digest="d", lease_s=10))
    shared.clock.now += 10.1
    taken = leased(other.acquire("a", digest="e", lease_s=10))

    one.complete(lost, b"late", keep_s=60)
    one.release(lost)

    assert InProgress("e") == one.acquire("a", digest="d", lease_s=10)
    other.complete(taken, b"in time", keep_s=60)
    assert Completed("e", b"in time") == one.acquire("a", digest="d", lease_s=10)


def test_an_abandoned_lease_is_free_at_once(shared: Shared) -> None:
    """Any caller can acquire it."""
    one, other = shared.environment(), shared.environment()
    one.release(leased(one.acquire("a", digest="d", lease_s=10)))

    assert isinstance(other.acquire("a", digest="e", lease_s=10), Lease)


def test_one_of_many_concurrent_callers_gets_the_lease(shared: Shared) -> None:
    """All others learn that the work is in progress."""
    environment = shared.environment()
    with ThreadPoolExecutor(8) as pool:
        leases = [pool.submit(environment.acquire, "a", digest="d", lease_s=10) for _ in range(16)]
        found = [each.result() for each in leases]

    assert 1 == len([each for each in found if isinstance(each, Lease)])
    assert 15 == found.count(InProgress("d"))


def test_an_unavailable_store_raises(unavailable: LeaseStore) -> None:
    """Every operation raises, so that its caller can decide."""
    lease = Lease("a", "d", "t")
    for call in (
        lambda: unavailable.acquire("a", digest="d", lease_s=10),
        lambda: unavailable.complete(lease, b"", keep_s=10),
        lambda: unavailable.release(lease),
    ):
        with pytest.raises(LeasesUnavailableError):
            call()

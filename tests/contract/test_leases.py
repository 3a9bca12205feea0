"""The fake claims and those in DynamoDB keep the same promises."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from functions.predict.single_flight.claims import (
    Lease,
    LeaseStore,
    LeasesUnavailableError,
    Standing,
)
from functions.predict.single_flight.dynamodb_claims import PART_BYTES, DynamoLeaseStore
from tests.fakes.leases import FakeLeaseStore
from tests.tables import STATE, create_table

UNREACHABLE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


class Clock:
    """Unix seconds, turned by hand."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Shared:
    """LeaseStore, made anew for every execution environment, and their clock."""

    environment: Callable[[], LeaseStore]
    clock: Clock


@pytest.fixture(params=["fake", "dynamodb"])
def shared(request: pytest.FixtureRequest) -> Iterator[Shared]:
    clock = Clock()
    if request.param == "fake":
        fake = FakeLeaseStore(now=clock)
        yield Shared(lambda: fake, clock)
        return
    with mock_aws():
        client = create_table(STATE)
        yield Shared(lambda: DynamoLeaseStore(client, STATE, now=clock), clock)


@pytest.fixture(params=["fake", "dynamodb"])
def unavailable(request: pytest.FixtureRequest) -> LeaseStore:
    """LeaseStore that cannot be reached."""
    if request.param == "fake":
        fake = FakeLeaseStore()
        fake.down = True
        return fake
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=0.2)
    client = boto3.client("dynamodb", endpoint_url=UNREACHABLE, config=config)
    return DynamoLeaseStore(client, STATE)


def claimed(found: Lease | Standing) -> Lease:
    assert isinstance(found, Lease)
    return found


def test_the_first_may_work_and_the_next_is_told_so(shared: Shared) -> None:
    """In whichever environment it is."""
    claim = shared.environment().claim("a", digest="d", lease_s=10)

    assert isinstance(claim, Lease)
    assert Standing("d", None) == shared.environment().claim("a", digest="other", lease_s=10)


def test_ids_have_nothing_to_do_with_each_other(shared: Shared) -> None:
    """Each work is its own."""
    for id_ in ("a", "b", "a#b"):
        assert isinstance(shared.environment().claim(id_, digest="d", lease_s=10), Lease)


@pytest.mark.parametrize("answer", [b"", b"{}", bytes(range(256))])
def test_an_answer_stands_for_as_long_as_it_is_kept(shared: Shared, answer: bytes) -> None:
    """To the second, and byte for byte."""
    one, other = shared.environment(), shared.environment()
    one.finish(claimed(one.claim("a", digest="d", lease_s=10)), answer, keep_s=60)

    shared.clock.now += 59.9
    assert Standing("d", answer) == other.claim("a", digest="d", lease_s=10)
    shared.clock.now += 0.2
    assert isinstance(other.claim("a", digest="d", lease_s=10), Lease)


def test_an_answer_larger_than_an_item_is_kept_whole(shared: Shared) -> None:
    """Random bytes: what does not get smaller by compression."""
    one = shared.environment()
    answer = random.Random(1).randbytes(2 * PART_BYTES + 1)  # noqa: S311
    one.finish(claimed(one.claim("a", digest="d", lease_s=10)), answer, keep_s=60)

    assert Standing("d", answer) == shared.environment().claim("a", digest="d", lease_s=10)


def test_a_lease_ends(shared: Shared) -> None:
    """Whoever died at work does not keep the others from it."""
    one, other = shared.environment(), shared.environment()
    lost = claimed(one.claim("a", digest="d", lease_s=10))
    shared.clock.now += 10.1
    taken = claimed(other.claim("a", digest="e", lease_s=10))

    one.finish(lost, b"late", keep_s=60)
    one.abandon(lost)

    assert Standing("e", None) == one.claim("a", digest="d", lease_s=10)
    other.finish(taken, b"in time", keep_s=60)
    assert Standing("e", b"in time") == one.claim("a", digest="d", lease_s=10)


def test_what_is_abandoned_is_free_at_once(shared: Shared) -> None:
    """For anybody."""
    one, other = shared.environment(), shared.environment()
    one.abandon(claimed(one.claim("a", digest="d", lease_s=10)))

    assert isinstance(other.claim("a", digest="e", lease_s=10), Lease)


def test_of_many_at_once_one_gets_it(shared: Shared) -> None:
    """The rest is told so."""
    environment = shared.environment()
    with ThreadPoolExecutor(8) as pool:
        claims = [pool.submit(environment.claim, "a", digest="d", lease_s=10) for _ in range(16)]
        found = [each.result() for each in claims]

    assert 1 == len([each for each in found if isinstance(each, Lease)])
    assert 15 == found.count(Standing("d", None))


def test_out_of_reach_is_said_as_such(unavailable: LeaseStore) -> None:
    """By every operation, for its caller to decide."""
    claim = Lease("a", "d", "t")
    for call in (
        lambda: unavailable.claim("a", digest="d", lease_s=10),
        lambda: unavailable.finish(claim, b"", keep_s=10),
        lambda: unavailable.abandon(claim),
    ):
        with pytest.raises(LeasesUnavailableError):
            call()

"""The same call twice: one prediction, one answer; on fakes, and on moto's DynamoDB."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from moto import mock_aws

from functions.common.errors import (
    InvalidRequestError,
    ModelWarmingUpError,
    ProviderTimeoutError,
)
from functions.common.observability import make_logger
from functions.predict.idempotency import KEPT_S, Idempotency, shared_idempotency
from functions.predict.single_flight.dynamodb_claims import PART_BYTES
from functions.predict.single_flight.flight import SingleFlight
from tests.fakes.leases import FakeLeaseStore
from tests.tables import STATE, create_table

SCOPE = "user-1/key-1/iris"
BODY = b'{"inputs": [1]}'


class World:
    """Environments on one clock, which only waiting turns, and a model that counts its calls."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.claims = FakeLeaseStore(now=lambda: self.now)
        self.predicted = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def environment(self) -> Idempotency:
        flight = SingleFlight(
            self.claims, lease_s=30, wait_s=25, sleep=self.sleep, monotonic=lambda: self.now
        )
        return Idempotency(flight, make_logger("test"))

    def predict(self) -> bytes:
        self.predicted += 1
        return b'{"number": %d}' % self.predicted

    def call(
        self, key: str | None = "k", *, scope: str = SCOPE, body: bytes = BODY
    ) -> tuple[bytes, bool]:
        return self.environment().answer(scope, key, body, self.predict)


@pytest.fixture
def world() -> World:
    return World()


def test_the_same_call_has_the_same_answer(world: World) -> None:
    """For an hour, from the answer on."""
    assert (b'{"number": 1}', False) == world.call()
    world.now += KEPT_S - 1
    assert (b'{"number": 1}', True) == world.call()
    world.now += 2
    assert (b'{"number": 2}', False) == world.call()
    assert 3600 == KEPT_S


@pytest.mark.parametrize("other", [{"key": "K"}, {"key": None}, {"scope": "user-2/key-2/iris"}])
def test_other_calls_have_their_own(world: World, other: dict[str, Any]) -> None:
    """Of another key, none, another caller or another model."""
    world.call()

    assert (b'{"number": 2}', False) == world.call(**other)


def test_scope_and_key_cannot_run_into_each_other(world: World) -> None:
    """A caller chooses the key, and with it half of what is hashed."""
    world.call("b/c", scope="a")

    assert not world.call("c", scope="a/b")[1]


def test_a_call_without_a_key_is_not_kept(world: World) -> None:
    """Nothing is asked of the table either."""
    world.claims.down = True
    world.call(None)

    assert "{}" == world.claims.everything


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    """It would have the first body's answer."""
    world.call()

    with pytest.raises(InvalidRequestError, match="another body"):
        world.call(body=b'{"inputs": [2]}')
    assert 1 == world.predicted


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 256, "é", "a\n", "a\x00", "\x7f"])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    """Before anything is done."""
    with pytest.raises(InvalidRequestError):
        world.call(key)
    assert 0 == world.predicted


@pytest.mark.parametrize("key", ["!", "~", "a" * 255, '"quoted"', "6f5e-4d3c"])
def test_every_visible_character_is_good(world: World, key: str) -> None:
    """Up to 255 of them."""
    world.call(key)

    assert world.call(key)[1]


def test_a_failed_call_is_not_kept(world: World) -> None:
    """The next one is worked on."""

    def fail() -> bytes:
        raise ModelWarmingUpError("It sleeps.")

    with pytest.raises(ModelWarmingUpError):
        world.environment().answer(SCOPE, "k", BODY, fail)

    assert (b'{"number": 1}', False) == world.call()


def test_a_second_call_waits_within_the_deadline(world: World) -> None:
    """And is told when the first one takes longer."""
    told: list[float] = []

    def meet_the_second() -> bytes:
        began = world.now
        with pytest.raises(ProviderTimeoutError):
            world.call()
        told.append(world.now - began)
        return b"first"

    assert (b"first", False) == world.environment().answer(SCOPE, "k", BODY, meet_the_second)
    assert [pytest.approx(25)] == told
    assert (b"first", True) == world.call()


def test_neither_key_nor_scope_nor_body_is_kept(world: World) -> None:
    """Hashes are, and the answer."""
    world.call("canary-key", scope="canary-scope", body=b"canary-body")

    assert "canary" not in world.claims.everything
    assert "number" in world.claims.everything


def test_an_outage_of_the_table_keeps_no_answer_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Every call is worked on, and the log has one line for it."""
    world.claims.down = True
    environment = world.environment()

    answers = [environment.answer(SCOPE, "k", BODY, world.predict) for _ in range(3)]

    assert [(b'{"number": %d}' % n, False) for n in (1, 2, 3)] == answers
    records = [record for record in caplog.records if "idempotency" in record.getMessage()]
    assert 1 == len(records)


def test_an_outage_while_it_is_worked_on_keeps_no_answer_back(
    world: World, logged: Callable[[], str]
) -> None:
    """It is not kept, that is all."""

    def predict() -> bytes:
        world.claims.down = True
        return b"answer"

    assert (b"answer", False) == world.environment().answer(SCOPE, "k", BODY, predict)
    assert "idempotency.unavailable" in logged()


def test_concurrent_calls_make_one_prediction() -> None:
    """Threads on the real clock: one at work, seven waiting."""
    idempotency = Idempotency(
        SingleFlight(FakeLeaseStore(), lease_s=60, wait_s=60), make_logger("test")
    )
    begun, go_on = Event(), Event()
    predicted: list[int] = []

    def predict() -> bytes:
        predicted.append(1)
        begun.set()
        go_on.wait(60)
        return b"answer"

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(idempotency.answer, SCOPE, "k", BODY, predict)
        assert begun.wait(60)
        others = [pool.submit(idempotency.answer, SCOPE, "k", BODY, predict) for _ in range(7)]
        go_on.set()
        assert (b"answer", False) == first.result()
        assert [(b"answer", True)] * 7 == [each.result() for each in others]
    assert [1] == predicted


@pytest.fixture
def in_dynamodb() -> Iterator[Idempotency]:
    """Put together as for Lambda."""
    with mock_aws():
        yield shared_idempotency(
            create_table(STATE), STATE, deadline_s=25, logger=make_logger("test")
        )


@pytest.mark.parametrize("size", [0, 1_000, 6_000_000])
def test_answers_of_every_size_are_kept_in_dynamodb(in_dynamodb: Idempotency, size: int) -> None:
    """Also those that no compression brings below an item's limit."""
    answer = random.Random(1).randbytes(size).hex().encode()[:size]  # noqa: S311
    assert size < 1_000_000 or size / 2 > PART_BYTES

    assert (answer, False) == in_dynamodb.answer(SCOPE, "k", BODY, lambda: answer)
    assert (answer, True) == in_dynamodb.answer(SCOPE, "k", BODY, lambda: b"other")

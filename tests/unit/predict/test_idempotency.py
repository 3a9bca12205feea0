"""The same call twice: one prediction, one answer; on fakes, and on moto's DynamoDB."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Event
from typing import Any

import pytest
from moto import mock_aws

from functions.common.deadline import Deadline
from functions.common.errors import (
    InvalidRequestError,
    ModelWarmingUpError,
    ProviderTimeoutError,
)
from functions.common.observability import make_logger
from functions.predict.idempotency.dynamodb import DynamoLeaseStore
from functions.predict.idempotency.idempotency import KEPT_S, LONGEST_PAUSE_S, Idempotency
from functions.predict.idempotency.leases import Lease
from tests.fakes.leases import FakeLeaseStore
from tests.tables import STATE, create_table

SCOPE = "user-1/key-1/iris"
BODY = b'{"inputs": [1]}'
DEADLINE_S = 25.0


class World:
    """Environments on one clock, which only waiting turns, and a model that counts its calls."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.leases = FakeLeaseStore(now=lambda: self.now)
        self.predicted = 0
        self.pauses: list[float] = []
        self.meanwhile = lambda: None

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.meanwhile()

    def environment(self) -> Idempotency:
        return Idempotency(self.leases, make_logger("test"), sleep=self.sleep)

    def deadline(self) -> Deadline:
        return Deadline.after(DEADLINE_S, clock=lambda: self.now)

    def predict(self) -> bytes:
        self.predicted += 1
        return b'{"number": %d}' % self.predicted

    def call(
        self,
        key: str = "k",
        *,
        scope: str = SCOPE,
        body: bytes = BODY,
        compute: Callable[[], bytes] | None = None,
    ) -> tuple[bytes, bool]:
        environment, compute = self.environment(), compute or self.predict
        return environment.answer(scope, key, body, compute, deadline=self.deadline())


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


@pytest.mark.parametrize("other", [{"key": "K"}, {"scope": "user-2/key-2/iris"}])
def test_other_calls_have_their_own(world: World, other: dict[str, Any]) -> None:
    """Another key, another caller or another model makes another call."""
    world.call()

    assert (b'{"number": 2}', False) == world.call(**other)


def test_scope_and_key_cannot_run_into_each_other(world: World) -> None:
    """A caller chooses the key, and with it half of what is hashed."""
    world.call("b/c", scope="a")

    assert not world.call("c", scope="a/b")[1]


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
        world.call(compute=fail)

    assert (b'{"number": 1}', False) == world.call()


def test_a_second_call_waits_within_the_deadline(world: World) -> None:
    """It is refused when the first one takes longer."""
    waited: list[float] = []

    def meet_the_second() -> bytes:
        began = world.now
        with pytest.raises(ProviderTimeoutError):
            world.call()
        waited.append(world.now - began)
        return b"first"

    assert (b"first", False) == world.call(compute=meet_the_second)
    assert [pytest.approx(25)] == waited
    assert (b"first", True) == world.call()


def test_neither_key_nor_scope_nor_body_is_kept(world: World) -> None:
    """Hashes are, and the answer."""
    world.call("canary-key", scope="canary-scope", body=b"canary-body")

    assert "canary" not in world.leases.everything
    assert "number" in world.leases.everything


def test_an_outage_of_the_table_keeps_no_answer_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Every call is worked on, and the log has one line for it."""
    world.leases.down = True
    environment = world.environment()

    answers = [
        environment.answer(SCOPE, "k", BODY, world.predict, deadline=world.deadline())
        for _ in range(3)
    ]

    assert [(b'{"number": %d}' % n, False) for n in (1, 2, 3)] == answers
    records = [record for record in caplog.records if "idempotency" in record.getMessage()]
    assert 1 == len(records)


def test_an_outage_while_it_is_worked_on_keeps_no_answer_back(
    world: World, logged: Callable[[], str]
) -> None:
    """It is not kept, that is all."""

    def predict() -> bytes:
        world.leases.down = True
        return b"answer"

    assert (b"answer", False) == world.call(compute=predict)
    assert "idempotency.unavailable" in logged()


def test_concurrent_calls_make_one_prediction() -> None:
    """Threads on the real clock: one at work, seven waiting."""
    idempotency, deadline = Idempotency(FakeLeaseStore(), make_logger("test")), Deadline.after(60)
    begun, go_on = Event(), Event()
    predicted: list[int] = []

    def predict() -> bytes:
        predicted.append(1)
        begun.set()
        go_on.wait(60)
        return b"answer"

    def call() -> tuple[bytes, bool]:
        return idempotency.answer(SCOPE, "k", BODY, predict, deadline=deadline)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(call)
        assert begun.wait(60)
        others = [pool.submit(call) for _ in range(7)]
        go_on.set()
        assert (b"answer", False) == first.result()
        assert [(b"answer", True)] * 7 == [each.result() for each in others]
    assert [1] == predicted


def test_a_waiting_call_gets_the_answer_soon(world: World) -> None:
    """Pauses grow, are random, and stay short."""
    lease = world.leases.acquire(id_of(world), digest=sha256(BODY).hexdigest(), lease_s=30)
    assert isinstance(lease, Lease)

    def complete_after_a_second() -> None:
        if world.now >= 1_001:
            world.leases.complete(lease, b"first", keep_s=60)

    world.meanwhile = complete_after_a_second

    assert (b"first", True) == world.call()
    assert 0 == world.predicted
    assert 1 <= world.now - 1_000 <= 1 + LONGEST_PAUSE_S
    assert world.pauses[0] <= 0.02
    assert max(world.pauses) <= LONGEST_PAUSE_S


def test_a_call_whose_environment_died_is_computed_by_the_next(world: World) -> None:
    """Once its lease has ended."""
    world.leases.acquire(id_of(world), digest=sha256(BODY).hexdigest(), lease_s=1)

    assert (b'{"number": 1}', False) == world.call()
    assert 1 <= world.now - 1_000 <= 1 + LONGEST_PAUSE_S


def test_another_body_is_refused_also_while_the_first_is_computed(world: World) -> None:
    """It would have to wait for nothing."""

    def meet_the_other() -> bytes:
        with pytest.raises(InvalidRequestError):
            world.call(body=b"other")
        return b"first"

    assert (b"first", False) == world.call(compute=meet_the_other)


def id_of(world: World) -> str:
    """The id of the default call, seen while it is computed."""
    seen: list[str] = []

    def look() -> bytes:
        seen.append(world.leases.everything.split("'")[1])
        raise ModelWarmingUpError("It sleeps.")

    with pytest.raises(ModelWarmingUpError):
        world.call(compute=look)
    return seen[0]


@pytest.fixture
def in_dynamodb() -> Iterator[Idempotency]:
    """With the adapter that Lambda has."""
    with mock_aws():
        leases = DynamoLeaseStore(create_table(STATE), STATE)
        yield Idempotency(leases, make_logger("test"))


@pytest.mark.parametrize(("size", "is_kept"), [(0, True), (1_000, True), (6_000_000, False)])
def test_an_answer_is_kept_if_it_fits_an_item(
    in_dynamodb: Idempotency, size: int, *, is_kept: bool
) -> None:
    """A larger one is computed again."""
    answer = random.Random(1).randbytes(size).hex().encode()[:size]  # noqa: S311
    deadline = Deadline.after(DEADLINE_S)

    def call(text: bytes) -> tuple[bytes, bool]:
        return in_dynamodb.answer(SCOPE, "k", BODY, lambda: text, deadline=deadline)

    assert (answer, False) == call(answer)
    assert ((answer, True) if is_kept else (b"other", False)) == call(b"other")

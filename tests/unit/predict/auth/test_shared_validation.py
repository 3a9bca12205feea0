"""Concurrent first calls with one key make few validations, and never a wrong decision."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from functions.predict.auth.bearer import KeyRefusedError
from functions.predict.auth.service import AuthService, AuthServiceDownError, KeyOwner
from functions.predict.auth.shared_validation import (
    KEPT_S,
    OUTAGE_KEPT_S,
    WAIT_S,
    SharedValidation,
)
from functions.predict.single_flight.flight import SingleFlight
from tests.fakes.auth_service import FakeAuthService
from tests.fakes.claims import FakeClaims

KEY = "hk_live_0123456789abcdef0123456789abcdef"
HERE, THERE = "203.0.113.7", "203.0.113.8"
OWNER = KeyOwner(
    user_id="u1",
    key_id="k1",
    scopes=("model:read", "mlflow:read"),
    is_admin=True,
    has_sufficient_balance=False,
    balance=1.25,
    rate_limit_per_hour=1000,
)


class World:
    """An auth service that knows one key, and environments on one clock, turned by waiting."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.claims = FakeClaims(now=lambda: self.now)
        self.service = FakeAuthService({KEY: OWNER})

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def environment(self, service_id: str = "platform") -> AuthService:
        flight = SingleFlight(
            self.claims, lease_s=7, wait_s=WAIT_S, sleep=self.sleep, monotonic=lambda: self.now
        )
        return SharedValidation(self.service, flight, service_id=service_id)

    def ask(self, *, key: str = KEY, client_ip: str | None = HERE) -> KeyOwner:
        """In an environment of its own."""
        return self.environment().owner_of(key, client_ip=client_ip)


@pytest.fixture
def world() -> World:
    return World()


def test_calls_shortly_after_each_other_ask_once(world: World) -> None:
    """All of them learn the same, to the last field."""
    assert [OWNER] * 100 == [world.ask() for _ in range(100)]
    assert [(KEY, HERE)] == world.service.asked


def test_a_revoked_key_is_asked_for_again_soon(world: World) -> None:
    """After two seconds; API Gateway's minute comes on top."""
    world.ask()
    world.service.error = KeyRefusedError("revoked")

    world.now += KEPT_S - 0.01
    assert OWNER == world.ask()
    world.now += 0.02
    with pytest.raises(KeyRefusedError):
        world.ask()
    assert KEPT_S <= 2


def test_a_refusal_is_shared_as_well(world: World) -> None:
    """Whoever tries one bad key a hundred times costs the service one question."""
    for _ in range(100):
        with pytest.raises(KeyRefusedError):
            world.ask(key="hk_live_" + "f" * 32)

    assert 1 == len(world.service.asked)


def test_an_outage_is_shared_for_a_moment(world: World) -> None:
    """Those who wait for an answer get it; the next ones try again."""
    world.service.error = AuthServiceDownError("status 500")
    for _ in range(2):
        with pytest.raises(AuthServiceDownError):
            world.ask()
    assert 1 == len(world.service.asked)

    world.service.error = None
    world.now += OUTAGE_KEPT_S + 0.01
    assert OWNER == world.ask()


@pytest.mark.parametrize(
    "different",
    [
        lambda world: world.ask(client_ip=THERE),
        lambda world: world.ask(client_ip=None),
        lambda world: world.environment("other service").owner_of(KEY, client_ip=HERE),
    ],
)
def test_what_holds_for_one_address_or_service_says_nothing_of_another(
    world: World, different: Callable[[World], KeyOwner]
) -> None:
    """A key can be bound to either."""
    world.ask()
    different(world)

    assert 2 == len(world.service.asked)


def test_keys_of_another_form_do_not_even_reach_the_table(world: World) -> None:
    """They cost nothing."""
    with pytest.raises(KeyRefusedError):
        world.ask(key="hk_live_short")

    assert ([], "{}") == (world.service.asked, world.claims.everything)


def test_neither_key_nor_address_is_kept(world: World) -> None:
    """Owners are, by a hash."""
    world.ask()
    with pytest.raises(KeyRefusedError):
        world.ask(key="hk_live_" + "f" * 32)

    kept = world.claims.everything
    assert OWNER.user_id in kept
    assert not [secret for secret in (KEY, "f" * 32, HERE) if secret in kept]


def test_without_the_table_everybody_asks_for_themselves(world: World) -> None:
    """It lets nobody in."""
    world.claims.down = True

    assert [OWNER] * 3 == [world.ask() for _ in range(3)]
    with pytest.raises(KeyRefusedError):
        world.ask(key="hk_live_" + "f" * 32)
    assert 4 == len(world.service.asked)


def test_who_waits_in_vain_asks_for_themselves(world: World) -> None:
    """Somebody died, or the service is slow for them: two seconds, no longer."""
    id_ = SharedValidation(
        world.service, SingleFlight(world.claims, lease_s=7, wait_s=0), service_id="platform"
    )._id(KEY, HERE)
    world.claims.claim(id_, digest="", lease_s=100)

    assert OWNER == world.ask()
    assert WAIT_S == pytest.approx(world.now - 1_000)


def test_a_hundred_at_once_ask_once() -> None:
    """Threads on the real clock, each an environment; the service answers when all have begun."""
    claims, go_on = FakeClaims(), Event()
    begun = [Event() for _ in range(100)]

    class Slow(FakeAuthService):
        def owner_of(self, key: str, *, client_ip: str | None) -> KeyOwner:
            go_on.wait(60)
            return super().owner_of(key, client_ip=client_ip)

    service = Slow({KEY: OWNER})

    def call(number: int) -> KeyOwner:
        flight = SingleFlight(claims, lease_s=60, wait_s=60)
        environment = SharedValidation(service, flight, service_id="platform")
        begun[number].set()
        return environment.owner_of(KEY, client_ip=HERE)

    with ThreadPoolExecutor(100) as pool:
        calls = [pool.submit(call, number) for number in range(100)]
        assert all(each.wait(60) for each in begun)
        go_on.set()
        assert [OWNER] * 100 == [each.result() for each in calls]
    assert 1 == len(service.asked)

"""A hundred execution environments call a provider that is down for a minute, in virtual time."""

from collections.abc import Callable
from functools import partial

import pytest

from functions.common.circuits.state import Phase
from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ModelWarmingUpError,
    ProviderError,
    ProviderRateLimitedError,
    ServiceError,
)
from tests.unit.predict.resilience.fleet import DEADLINE_S, Fleet

ENVIRONMENTS = 100
ATTEMPTS_ALLOWED = 25
DOWN_S = 60
BACK_WITHIN_S = 10
SILENCE = "silence"
WAYS = {
    "refused": lambda: ConnectionFailedError("refused"),
    "500": lambda: ProviderError("500"),
    "503": lambda: ModelWarmingUpError("503"),
    "paused": lambda: ModelNotReadyError("paused"),
}

type Error = Callable[[], ServiceError]


def fleet(error: Error | None, *, down_from_s: float) -> Fleet:
    """Callers of a provider that is down from then on for a minute; None: it says nothing."""

    def is_down(now: float) -> bool:
        return down_from_s <= now - made.start < down_from_s + DOWN_S

    made = Fleet(lambda now: error() if error and is_down(now) else None)
    if error is None:
        made.provider.silent = is_down
    return made


def back_after_s(made: Fleet, end_s: float) -> float:
    """How long after the outage's end the first caller got an answer."""
    end = made.start + end_s
    return min(told for asked, told, code, _ in made.told if code == "ok" and told > end) - end


@pytest.mark.parametrize("way", [*WAYS, SILENCE])
def test_a_hundred_at_once_hardly_reach_a_provider_that_is_down(way: str):
    """None of them has ever called it before; the outage's end is noticed within seconds, and who
    waits for what another call finds out gives up in time."""
    made = fleet(WAYS.get(way), down_from_s=0)

    made.run(ENVIRONMENTS, for_s=DOWN_S + 20, every_s=1, spread_s=0)

    assert made.arrived(0, DOWN_S) <= ATTEMPTS_ALLOWED
    assert back_after_s(made, DOWN_S) <= BACK_WITHIN_S
    assert max(told - asked for asked, told, *_ in made.told) <= DEADLINE_S + 1


@pytest.mark.parametrize("way", WAYS)
def test_a_hundred_that_were_just_answered_notice_an_outage_in_time(way: str):
    """Each calls about once a second, and has been answered until now."""
    made = fleet(WAYS[way], down_from_s=10)

    made.run(ENVIRONMENTS, for_s=10 + DOWN_S + 20, every_s=1, spread_s=1)

    assert made.arrived(10, 10 + DOWN_S) <= ATTEMPTS_ALLOWED
    assert made.arrived(0, 10) > 5 * ENVIRONMENTS


def test_a_cold_burst_on_a_healthy_provider_is_served_at_once():
    """The first call finds out, the others follow; nobody is refused."""
    made = fleet(None, down_from_s=1_000)

    made.run(ENVIRONMENTS, for_s=0.5, every_s=1, spread_s=0)

    assert {"ok": ENVIRONMENTS} == made.told.codes()
    assert max(told - asked for asked, told, *_ in made.told) < 1


def test_some_lost_requests_disturb_nobody():
    """One in fifty is lost on the way; it is made again, and the circuit stays closed."""
    calls = 0

    def lossy(_now: float) -> ServiceError | None:
        nonlocal calls
        calls += 1
        return ConnectionFailedError("lost") if calls % 50 == 0 else None

    made = Fleet(lossy)
    made.run(ENVIRONMENTS, for_s=20, every_s=1, spread_s=1)

    assert {"ok"} == set(made.told.codes())


def test_refused_callers_are_told_an_honest_time():
    """Those who were refused by the open circuit come back to be served, not to be refused."""
    made = fleet(WAYS["500"], down_from_s=0)

    made.run(ENVIRONMENTS, for_s=DOWN_S + 20, every_s=1, spread_s=0)

    retries = {retry for _, _, code, retry in made.told if code == "circuit_open"}
    assert retries <= set(range(1, 7))


def test_five_hundred_callers_wake_a_sleeping_model_once():
    """One request reaches it; everybody else is told within a second that it is starting."""
    made = Fleet(lambda _now: ModelWarmingUpError("asleep"))

    made.run(500, for_s=0.5, every_s=5, spread_s=0)

    assert {"model_warming_up": 500} == made.told.codes()
    assert 1 == made.arrived(0, 1)
    assert max(told - asked for asked, told, *_ in made.told) < 1
    assert 1 == sum(each.after.phase is Phase.WARMING for each in made.transitions)


def waking(after_s: float, *, latency_s: float = 0.05) -> Fleet:
    """A model that sleeps until so long after its first call."""

    def behaviour(now: float) -> ServiceError | None:
        awake = now - made.provider.arrivals[0] >= after_s
        return None if awake else ModelWarmingUpError("asleep")

    made = Fleet(behaviour, latency_s=latency_s)
    return made


def test_callers_who_would_rather_wait_are_served_when_it_is_awake():
    """All of them, within seconds of it, by few requests to the provider."""
    made = waking(12)

    callers = [made.environment() for _ in range(50)]
    made.time.run((0.0, partial(made.call, calls, wait_s=20)) for calls in callers)

    assert {"ok": 50} == made.told.codes()
    assert made.arrived(0, 12) <= 5
    assert max(told for _, told, *_ in made.told) <= made.start + 12 + 8


def test_callers_who_have_waited_long_enough_are_told():
    """No later than they asked for."""
    made = waking(60)

    made.time.run([(0.0, lambda: made.call(made.environment(), wait_s=5))])

    ((asked, told, code, _),) = made.told.all
    assert "model_warming_up" == code
    assert told - asked <= 5


def test_the_second_time_a_model_sleeps_its_wake_up_is_known():
    """The first time, what its start took is the best guess."""
    naps = [0.0, 200.0]

    def behaviour(now: float) -> ServiceError | None:
        asleep = any(nap <= now - made.start < nap + 20 for nap in naps)
        return ModelWarmingUpError("asleep") if asleep else None

    made = Fleet(behaviour)
    made.run(3, for_s=230, every_s=1, spread_s=0)

    first, second = (
        next(retry for asked, _, code, retry in made.told if code != "ok" and asked >= begin)
        for begin in (made.start, made.start + 200)
    )
    assert 60 == first
    assert second is not None
    assert 18 <= second <= 26


def test_the_providers_rate_limit_is_no_outage():
    """Nobody else is kept from trying, and the circuit stays closed."""
    made = Fleet(lambda _now: ProviderRateLimitedError("slow down"))

    made.run(20, for_s=20, every_s=1, spread_s=1)

    assert {"rate_limited"} <= set(made.told.codes())
    assert not [each for each in made.transitions if each.after.phase is not Phase.CLOSED]

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
    """Return the seconds from the end of the outage to the first answer."""
    end = made.start + end_s
    return (
        min(
            answered
            for asked, answered, code, _ in made.outcomes
            if code == "ok" and answered > end
        )
        - end
    )


@pytest.mark.parametrize("way", [*WAYS, SILENCE])
def test_a_hundred_at_once_hardly_reach_a_provider_that_is_down(way: str):
    """The end of the outage is noticed within seconds, and a call that waits for a probe gives up
    in time. None of them has called it before."""
    made = fleet(WAYS.get(way), down_from_s=0)

    made.run(ENVIRONMENTS, for_s=DOWN_S + 20, every_s=1, spread_s=0)

    assert made.arrived(0, DOWN_S) <= ATTEMPTS_ALLOWED
    assert back_after_s(made, DOWN_S) <= BACK_WITHIN_S
    assert max(answered - asked for asked, answered, *_ in made.outcomes) <= DEADLINE_S + 1


@pytest.mark.parametrize("way", WAYS)
def test_a_hundred_that_were_just_answered_notice_an_outage_in_time(way: str):
    """Each calls about once a second, and has been answered until now."""
    made = fleet(WAYS[way], down_from_s=10)

    made.run(ENVIRONMENTS, for_s=10 + DOWN_S + 20, every_s=1, spread_s=1)

    assert made.arrived(10, 10 + DOWN_S) <= ATTEMPTS_ALLOWED
    assert made.arrived(0, 10) > 5 * ENVIRONMENTS


def test_a_cold_burst_on_a_healthy_provider_is_served_at_once():
    """The first call is the probe, the others follow; nobody is refused."""
    made = fleet(None, down_from_s=1_000)

    made.run(ENVIRONMENTS, for_s=0.5, every_s=1, spread_s=0)

    assert {"ok": ENVIRONMENTS} == made.outcomes.codes()
    assert max(answered - asked for asked, answered, *_ in made.outcomes) < 1


def test_some_lost_requests_disturb_nobody():
    """One in fifty is lost on the way; it is made again, and the circuit stays closed."""
    calls = 0

    def lossy(_now: float) -> ServiceError | None:
        nonlocal calls
        calls += 1
        return ConnectionFailedError("lost") if calls % 50 == 0 else None

    made = Fleet(lossy)
    made.run(ENVIRONMENTS, for_s=20, every_s=1, spread_s=1)

    assert {"ok"} == set(made.outcomes.codes())


def test_refused_callers_get_the_right_retry_after():
    """Those who were refused by the open circuit come back to be served, not to be refused."""
    made = fleet(WAYS["500"], down_from_s=0)

    made.run(ENVIRONMENTS, for_s=DOWN_S + 20, every_s=1, spread_s=0)

    retries = {retry for _, _, code, retry in made.outcomes if code == "circuit_open"}
    assert retries <= set(range(1, 7))


def test_five_hundred_callers_wake_a_sleeping_model_once():
    """One request reaches it; all others get the error within a second."""
    made = Fleet(lambda _now: ModelWarmingUpError("asleep"))

    made.run(500, for_s=0.5, every_s=5, spread_s=0)

    assert {"model_warming_up": 500} == made.outcomes.codes()
    assert 1 == made.arrived(0, 1)
    assert max(answered - asked for asked, answered, *_ in made.outcomes) < 1
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

    assert {"ok": 50} == made.outcomes.codes()
    assert made.arrived(0, 12) <= 5
    assert max(answered for _, answered, *_ in made.outcomes) <= made.start + 12 + 8


def test_callers_who_prefer_to_wait_get_the_error_in_time():
    """No later than they asked for."""
    made = waking(60)

    made.time.run([(0.0, lambda: made.call(made.environment(), wait_s=5))])

    ((asked, answered, code, _),) = made.outcomes.all
    assert "model_warming_up" == code
    assert answered - asked <= 5


def test_the_second_time_a_model_sleeps_its_wake_up_is_known():
    """The first time, the duration of its start is the best estimate."""
    naps = [0.0, 200.0]

    def behaviour(now: float) -> ServiceError | None:
        asleep = any(nap <= now - made.start < nap + 20 for nap in naps)
        return ModelWarmingUpError("asleep") if asleep else None

    made = Fleet(behaviour)
    made.run(3, for_s=230, every_s=1, spread_s=0)

    first, second = (
        next(retry for asked, _, code, retry in made.outcomes if code != "ok" and asked >= begin)
        for begin in (made.start, made.start + 200)
    )
    assert 60 == first
    assert second is not None
    assert 18 <= second <= 26


def test_the_providers_rate_limit_is_no_outage():
    """Nobody else is kept from trying, and the circuit stays closed."""
    made = Fleet(lambda _now: ProviderRateLimitedError("slow down"))

    made.run(20, for_s=20, every_s=1, spread_s=1)

    assert {"rate_limited"} <= set(made.outcomes.codes())
    assert not [each for each in made.transitions if each.after.phase is not Phase.CLOSED]

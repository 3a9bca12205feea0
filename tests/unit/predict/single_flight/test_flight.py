"""One does the work, the others wait, on a clock that only their waiting turns."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from functions.predict.single_flight.claims import LeasesUnavailableError, Standing
from functions.predict.single_flight.flight import (
    LONGEST_PAUSE_S,
    Landed,
    OtherWorkError,
    Result,
    SingleFlight,
    StillAtWorkError,
)
from tests.fakes.leases import FakeLeaseStore


class World:
    """LeaseStore and environments on one clock. `meanwhile` happens while one of them sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.pauses: list[float] = []
        self.meanwhile = lambda: None
        self.claims = FakeLeaseStore(now=lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.meanwhile()

    def environment(self, *, wait_s: float = 2) -> SingleFlight:
        return SingleFlight(
            self.claims, lease_s=10, wait_s=wait_s, sleep=self.sleep, monotonic=lambda: self.now
        )


class Work:
    """Counts how often it was done."""

    def __init__(self, answer: bytes = b"result", *, keep_s: float = 2) -> None:
        self.done = 0
        self.result = Result(answer, keep_s)

    def __call__(self) -> Result:
        self.done += 1
        return self.result


@pytest.fixture
def world() -> World:
    return World()


def test_alone_it_is_done_at_once(world: World) -> None:
    """Nobody waits."""
    assert Landed(b"result") == world.environment().run("a", Work())
    assert [] == world.pauses


def test_a_result_is_shared_for_as_long_as_it_is_kept(world: World) -> None:
    """And then done anew."""
    work = Work(keep_s=2)
    world.environment().run("a", work)

    world.now += 1.9
    assert Landed(b"result", shared=True) == world.environment().run("a", work)
    world.now += 0.2
    assert Landed(b"result") == world.environment().run("a", work)
    assert 2 == work.done


def test_whoever_waits_gets_the_result(world: World) -> None:
    """Soon after it is there."""
    claim = world.claims.claim("a", digest="", lease_s=10)
    assert not isinstance(claim, Standing)

    def finish_after_a_second() -> None:
        if world.now >= 1_001:
            world.claims.finish(claim, b"result", keep_s=2)

    world.meanwhile = finish_after_a_second
    work = Work()

    assert Landed(b"result", shared=True) == world.environment().run("a", work)
    assert 0 == work.done
    assert 1 <= world.now - 1_000 <= 1 + LONGEST_PAUSE_S


def test_pauses_grow_and_stay_short(world: World) -> None:
    """They are random, so that not all look at once."""
    world.claims.claim("a", digest="", lease_s=10)
    with pytest.raises(StillAtWorkError):
        world.environment().run("a", Work())

    assert world.pauses[0] <= 0.02
    assert max(world.pauses) <= LONGEST_PAUSE_S
    assert len(world.pauses) < 30


def test_whoever_has_waited_for_long_is_told_so(world: World) -> None:
    """To the second, and without having done the work."""
    world.claims.claim("a", digest="", lease_s=10)
    work = Work()
    with pytest.raises(StillAtWorkError):
        world.environment(wait_s=2).run("a", work)

    assert 2 == pytest.approx(world.now - 1_000)
    assert 0 == work.done


def test_what_one_died_over_is_done_by_the_next(world: World) -> None:
    """Once the lease has ended."""
    world.claims.claim("a", digest="", lease_s=1)

    assert Landed(b"result") == world.environment().run("a", Work())
    assert 1 <= world.now - 1_000 <= 1 + LONGEST_PAUSE_S


def test_what_failed_is_not_kept(world: World) -> None:
    """The next one tries itself."""

    def fail() -> Result:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        world.environment().run("a", fail)

    assert Landed(b"result") == world.environment().run("a", Work())


def test_other_work_under_the_same_id_is_refused(world: World) -> None:
    """While it is at work, and afterwards."""
    environment = world.environment()

    def meet_the_other() -> Result:
        with pytest.raises(OtherWorkError):
            world.environment().run("a", Work(), digest="two")
        return Result(b"", 60)

    environment.run("a", meet_the_other, digest="one")

    with pytest.raises(OtherWorkError):
        environment.run("a", Work(), digest="two")


def test_out_of_reach_is_said_before_the_work_begins(world: World) -> None:
    """So that whoever called may go on alone without doing it twice."""
    world.claims.down = True
    work = Work()
    with pytest.raises(LeasesUnavailableError):
        world.environment().run("a", work)

    assert 0 == work.done


@pytest.mark.parametrize("fails", [False, True])
def test_out_of_reach_afterwards_changes_nothing(world: World, *, fails: bool) -> None:
    """The work is done, or has failed for its own reason."""

    def work() -> Result:
        world.claims.down = True
        if fails:
            raise ZeroDivisionError
        return Result(b"result", 2)

    if fails:
        with pytest.raises(ZeroDivisionError):
            world.environment().run("a", work)
    else:
        assert Landed(b"result", kept=False) == world.environment().run("a", work)


def test_threads_of_one_process_share_as_well() -> None:
    """On the real clock: one at work, seven waiting."""
    flight = SingleFlight(FakeLeaseStore(), lease_s=60, wait_s=60)
    begun, go_on = Event(), Event()
    done: list[int] = []

    def work() -> Result:
        begun.set()
        go_on.wait(60)
        done.append(1)
        return Result(b"result", 60)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(flight.run, "a", work)
        assert begun.wait(60)
        others = [pool.submit(flight.run, "a", work) for _ in range(7)]
        go_on.set()
        assert Landed(b"result") == first.result()
        assert [Landed(b"result", shared=True)] * 7 == [each.result() for each in others]
    assert [1] == done

"""How many callers may wait for sleeping models at once."""

from functions.predict.resilience.wait_limit import WINDOW_S, WaitLimit
from tests.fakes.inference_client import FakeClock
from tests.fakes.wait_counts import FakeWaitCounts


class Callers:
    """Callers of one second."""

    def __init__(self, most: int) -> None:
        self.clock, self.counts = FakeClock(WINDOW_S * 1_000), FakeWaitCounts()
        self.limit = WaitLimit(self.counts, most=most, now=self.clock)

    def admitted(self, count: int, user: str = "") -> int:
        """Return how many of so many callers may wait; without *user* each is another one."""
        return sum(self.limit.for_user(user or f"u{number}")() for number in range(count))


def test_all_together_are_bounded() -> None:
    """A hundred calls a second for 25 s would hold 2,500 executions."""
    callers = Callers(most=50)

    assert 50 == callers.admitted(2_500)


def test_one_user_gets_a_fifth() -> None:
    """And the others the rest."""
    callers = Callers(most=50)

    assert 10 == callers.admitted(2_500, user="greedy")
    assert 40 == callers.admitted(100)


def test_the_next_window_admits_again() -> None:
    """By then most of those who waited have been answered."""
    callers = Callers(most=10)
    callers.admitted(100)
    assert 0 == callers.admitted(100)

    callers.clock.now += WINDOW_S

    assert 10 == callers.admitted(100)


def test_a_call_is_counted_once() -> None:
    """However often it looks whether the model is awake."""
    callers = Callers(most=50)
    may_wait = callers.limit.for_user("u")

    assert [True] * 30 == [may_wait() for _ in range(30)]
    assert {1} == set(callers.counts.counts.values())


def test_a_small_bound_still_admits_somebody() -> None:
    """A new account has ten executions."""
    assert 1 == Callers(most=2).admitted(5, user="u")


def test_nobody_waits_when_it_is_turned_off_or_cannot_be_counted() -> None:
    """They are answered at once, as without the header."""
    callers = Callers(most=50)
    callers.counts.unavailable = True

    assert 0 == Callers(most=0).admitted(5) == callers.admitted(5)

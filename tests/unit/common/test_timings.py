"""`Server-Timing`, with a clock that the tests set."""

import pytest

from functions.common.deadline import Timings


class Clock:
    """A clock in seconds; set `now`."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_step_that_was_not_taken_is_zero() -> None:
    """All four steps are listed, in the order of a request."""
    clock = Clock()
    timings = Timings(monotonic=clock)
    clock.now += 0.0021

    assert "auth;dur=0.0, lookup;dur=0.0, provider;dur=0.0, total;dur=2.1" == timings.header()


def test_steps_are_measured_in_milliseconds() -> None:
    """The authorizer's time is added to the function's."""
    clock = Clock()
    timings = Timings(monotonic=clock)
    timings.add("auth", 30)
    with timings.measured("lookup"):
        clock.now += 0.004
    for _ in range(2):
        with timings.measured("provider"):
            clock.now += 0.05

    assert "auth;dur=30.0, lookup;dur=4.0, provider;dur=100.0, total;dur=134.0" == timings.header()


def test_a_step_that_failed_counts_too() -> None:
    """Its time is part of the total."""
    clock = Clock()
    timings = Timings(monotonic=clock)

    def fail() -> None:
        with timings.measured("provider"):
            clock.now += 1
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()

    assert "provider;dur=1000.0" in timings.header()

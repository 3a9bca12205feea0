"""Time of one request: its deadline, and how long its steps took. One clock, a monotonic one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

type Step = Literal["auth", "lookup", "provider"]

STEPS: tuple[Step, ...] = ("auth", "lookup", "provider")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point of *clock* by which the work must be over.

    Made once, where a request arrives, and passed on unchanged.

    Attributes:
        at_s: Seconds on *clock*, which is monotonic unless a test has its own.
    """

    at_s: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)

    @classmethod
    def after(cls, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> "Deadline":
        """Return the deadline *seconds* from now."""
        return cls(clock() + seconds, clock)

    def left_s(self) -> float:
        """Return the seconds until the deadline; negative once it has passed."""
        return self.at_s - self.clock()

    def within(self, seconds: float) -> "Deadline":
        """Return the earlier of this deadline and *seconds* from now."""
        return Deadline(min(self.at_s, self.clock() + seconds), self.clock)


class Timings:
    """Durations of one request's steps, from its arrival on; a repeated step adds up.

    Attributes:
        began_s: The arrival, in seconds of *monotonic*.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.began_s = monotonic()
        self._ms: dict[Step, float] = {}

    def add(self, step: Step, ms: float) -> None:
        """Add *ms* milliseconds to *step*."""
        self._ms[step] = self.ms(step) + ms

    def ms(self, step: Step) -> float:
        """Return the milliseconds of *step* so far."""
        return self._ms.get(step, 0.0)

    @contextmanager
    def measured(self, step: Step) -> Iterator[None]:
        """Add the block's duration to *step*, also when the block raises."""
        began = self._monotonic()
        try:
            yield
        finally:
            self.add(step, (self._monotonic() - began) * 1_000)

    def total_ms(self) -> float:
        """Return the time in the function so far, and in the authorizer before it."""
        return (self._monotonic() - self.began_s) * 1_000 + self.ms("auth")

    def header(self) -> str:
        """Return the value of `Server-Timing` (milliseconds) as of now; a skipped step is 0."""
        every = {str(step): self.ms(step) for step in STEPS} | {"total": self.total_ms()}
        return ", ".join(f"{name};dur={ms:.1f}" for name, ms in every.items())

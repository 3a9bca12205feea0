"""The deadline of a call: one point in time that every step and every attempt shares."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


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
        """A deadline *seconds* from now."""
        return cls(clock() + seconds, clock)

    def left_s(self) -> float:
        """Seconds until the deadline; negative once it has passed."""
        return self.at_s - self.clock()

    def within(self, seconds: float) -> "Deadline":
        """The earlier of this deadline and *seconds* from now."""
        return Deadline(min(self.at_s, self.clock() + seconds), self.clock)

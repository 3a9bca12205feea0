"""How long the steps of one request took, as its answer says in `Server-Timing`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

type Step = Literal["auth", "lookup", "provider"]

STEPS: tuple[Step, ...] = ("auth", "lookup", "provider")


class Timings:
    """Of one request, from its making on; a step that is measured twice counts together."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._ms: dict[Step, float] = {}

    @property
    def elapsed_s(self) -> float:
        """Seconds since the function got the request."""
        return self._monotonic() - self._began

    def add(self, step: Step, ms: float) -> None:
        """Count *ms* milliseconds more to *step*."""
        self._ms[step] = self._ms.get(step, 0.0) + ms

    @contextmanager
    def measured(self, step: Step) -> Iterator[None]:
        """Count the block to *step*, also when it raises."""
        began = self._monotonic()
        try:
            yield
        finally:
            self.add(step, (self._monotonic() - began) * 1_000)

    def header(self) -> str:
        """The value of `Server-Timing` (milliseconds) as of now; a step that was not taken is 0.

        `total` is the time in the function and the authorizer's before it.
        """
        in_function = self.elapsed_s * 1_000
        every = {str(step): self._ms.get(step, 0.0) for step in STEPS}
        every["total"] = in_function + every["auth"]
        return ", ".join(f"{name};dur={ms:.1f}" for name, ms in every.items())

"""Many callers at once in virtual time: real threads, of which exactly one runs at any moment.

A caller runs until it sleeps; then the one whose sleep ends first goes on, and the clock jumps to
that moment. A minute of a hundred callers takes as long as what they do, the same in every run.
"""

import heapq
import threading
from collections.abc import Callable, Iterable


class VirtualTime:
    """`now` and `sleep` for whoever is run by `run`; seconds, beginning at *start*."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._order = 0
        self._idle = threading.Event()
        self._errors: list[BaseException] = []

    def now(self) -> float:
        return self._now

    def sleep(self, duration_s: float) -> None:
        awake = self._sleeper(duration_s)
        self._idle.set()
        awake.wait()

    def run(self, callers: Iterable[tuple[float, Callable[[], None]]]) -> None:
        """Start each caller after so many seconds, and return when all have ended."""
        threads = [
            threading.Thread(target=self._life, args=(self._sleeper(after_s), caller), daemon=True)
            for after_s, caller in callers
        ]
        for thread in threads:
            thread.start()
        while self._sleepers:
            self._now, _, awake = heapq.heappop(self._sleepers)
            self._idle.clear()
            awake.set()
            self._idle.wait()
        for thread in threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _life(self, awake: threading.Event, caller: Callable[[], None]) -> None:
        awake.wait()
        try:
            caller()
        except BaseException as error:  # noqa: BLE001 - the test shall see it
            self._errors.append(error)
        finally:
            self._idle.set()

    def _sleeper(self, duration_s: float) -> threading.Event:
        awake = threading.Event()
        self._order += 1
        heapq.heappush(self._sleepers, (self._now + duration_s, self._order, awake))
        return awake

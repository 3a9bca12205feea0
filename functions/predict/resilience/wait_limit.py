"""How many callers wait for sleeping models at once: each holds an execution of the account's.

Counted by the windows in which they begin to wait, so nothing has to be given back, also not by an
execution that dies. Who waits, waits for less than two windows, so at most twice as many wait.
"""

import hashlib
import time
from collections.abc import Callable
from functools import cache
from typing import Protocol

WINDOW_S = 25
"""The longest that a prediction may take, by default."""
_USERS = 5
"""One user gets a fifth, so that others can wait too."""


class WaitCountsUnavailableError(Exception):
    """The counts cannot be reached, or not in time."""


class WaitCounts(Protocol):
    """Counts that all execution environments share."""

    def add(self, id_: str, *, limit: int, keep_s: float) -> bool:
        """Add one to the count *id_*, which is kept for *keep_s* seconds; False, and nothing added,
        when it has reached *limit*.

        Raises: WaitCountsUnavailableError.
        """
        ...


class WaitLimit:
    """Admits callers who would wait; *most* of them in a window of `WINDOW_S`."""

    def __init__(
        self, counts: WaitCounts, *, most: int, now: Callable[[], float] = time.time
    ) -> None:
        self._counts = counts
        self._most = most
        self._now = now

    def for_user(self, user_id: str) -> Callable[[], bool]:
        """Return what admits one call of the user: asked when it begins to wait, and then no more.

        Nobody waits while the counts are unavailable: an answer at once is the ordinary one.
        """
        return cache(lambda: self._admit(user_id))

    def _admit(self, user_id: str) -> bool:
        window = int(self._now() // WINDOW_S)
        user = hashlib.sha256(user_id.encode()).hexdigest()[:32]
        of_user = -(-self._most // _USERS)
        try:
            return self._add(f"{user}#{window}", of_user) and self._add(f"#{window}", self._most)
        except WaitCountsUnavailableError:
            return False

    def _add(self, name: str, limit: int) -> bool:
        return self._counts.add(f"waiting#{name}", limit=limit, keep_s=2 * WINDOW_S)

"""Numbers of distinct users, of days and of the union of several days.

A day keeps the smallest hashes of its users, at most `MOST_KEPT`. Up to that many the number is
exact; above, it is estimated from the largest hash that is kept, with a standard error of 1/√k,
0.8 %.
Source: Bar-Yossef et al., Counting distinct elements in a data stream (2002), "k minimum values".
"""

from collections.abc import Iterable
from hashlib import blake2b
from heapq import nsmallest

HASH_BYTES = 8
MOST_KEPT = 16_384
"""128 KiB of hashes: they fit into an item."""
_RANGE = 1 << 8 * HASH_BYTES


class DistinctUsers:
    """A set of users whose size in memory is bounded.

    Args:
        hashes: Of users that are in it.
    """

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        self._hashes = set(hashes)

    def add(self, user: str) -> None:
        """Add a user."""
        digest = blake2b(user.encode(), digest_size=HASH_BYTES).digest()
        self._hashes.add(int.from_bytes(digest))
        if len(self._hashes) > 2 * MOST_KEPT:
            self._hashes = set(self.smallest())

    def smallest(self) -> tuple[int, ...]:
        """Return the hashes that are kept, in ascending order."""
        return tuple(nsmallest(MOST_KEPT, self._hashes))

    def count(self) -> int:
        """Return the number of users."""
        kept = self.smallest()
        if len(kept) < MOST_KEPT:
            return len(kept)
        return (MOST_KEPT - 1) * _RANGE // (kept[-1] + 1)

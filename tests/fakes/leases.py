"""`LeaseStore` in memory; tests/contract holds it to the real ones."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from uuid import uuid4

from functions.predict.single_flight.claims import Lease, LeasesUnavailableError, Standing


@dataclass
class _Item:
    claim: Lease
    free_at: float
    answer: bytes | None = None


class FakeLeaseStore:
    """Shared by all who hold it. `down` lets every call fail."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self.down = False
        self._now = now
        self._items: dict[str, _Item] = {}
        self._lock = Lock()

    @property
    def everything(self) -> str:
        """All that is kept, for whoever looks for what must not be."""
        return repr(self._items)

    def claim(self, id_: str, *, digest: str, lease_s: float) -> Lease | Standing:
        self._check()
        with self._lock:
            standing = self._items.get(id_)
            if standing and standing.free_at > self._now():
                return Standing(standing.claim.digest, standing.answer)
            claim = Lease(id_, digest, uuid4().hex)
            self._items[id_] = _Item(claim, self._now() + lease_s)
            return claim

    def finish(self, claim: Lease, answer: bytes, *, keep_s: float) -> None:
        self._check()
        with self._lock:
            if self._is_ours(claim):
                self._items[claim.id] = _Item(claim, self._now() + keep_s, answer)

    def abandon(self, claim: Lease) -> None:
        self._check()
        with self._lock:
            if self._is_ours(claim):
                del self._items[claim.id]

    def _is_ours(self, claim: Lease) -> bool:
        standing = self._items.get(claim.id)
        return standing is not None and standing.claim == claim

    def _check(self) -> None:
        if self.down:
            raise LeasesUnavailableError("down")

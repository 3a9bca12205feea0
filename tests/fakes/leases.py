"""In-memory `LeaseStore`; tests/contract runs the same tests on the real one."""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from uuid import uuid4

from functions.predict.idempotency.leases import (
    MAX_ANSWER_BYTES,
    Completed,
    InProgress,
    Lease,
    LeasesUnavailableError,
)


@dataclass
class _Item:
    lease: Lease
    lease_expires_at: float
    answer: bytes | None = None


class FakeLeaseStore:
    """One object for all environments. Set `down` to make every call fail."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self.down = False
        self._now = now
        self._items: dict[str, _Item] = {}
        self._lock = Lock()

    @property
    def everything(self) -> str:
        """Everything that is stored, for tests of what must not be."""
        return repr(self._items)

    def acquire(self, id_: str, *, digest: str, lease_s: float) -> Lease | InProgress | Completed:
        self._check()
        with self._lock:
            found = self._items.get(id_)
            if found is None or found.lease_expires_at <= self._now():
                lease = Lease(id_, digest, uuid4().hex)
                self._items[id_] = _Item(lease, self._now() + lease_s)
                return lease
            if found.answer is None:
                return InProgress(found.lease.digest)
            return Completed(found.lease.digest, found.answer)

    def complete(self, lease: Lease, answer: bytes, *, keep_s: float) -> None:
        if len(zlib.compress(answer, 1)) > MAX_ANSWER_BYTES:
            self.release(lease)
            return
        self._check()
        with self._lock:
            if self._is_held(lease):
                self._items[lease.id] = _Item(lease, self._now() + keep_s, answer)

    def release(self, lease: Lease) -> None:
        self._check()
        with self._lock:
            if self._is_held(lease):
                del self._items[lease.id]

    def _is_held(self, lease: Lease) -> bool:
        found = self._items.get(lease.id)
        return found is not None and found.lease == lease

    def _check(self) -> None:
        if self.down:
            raise LeasesUnavailableError("down")

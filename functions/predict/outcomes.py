"""Counts how calls of live deployments ended, by which a new version is judged.

One per execution environment, in memory; from time to time the counts are added to those of all
environments. No count is worth a call: one that cannot be written is dropped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ModelRejectedInputError,
    PayloadTooLargeError,
    ProviderError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.outcomes.counts import CallCounts, quarter_of
from functions.common.outcomes.store import CallCountStore, CallCountsUnavailableError

WHILE_NEW_S = 2.0
"""Seconds between two writes about a deployment in its rollback window; a fault is written at
once."""
OTHERWISE_S = 60.0
"""The least seconds between two writes about any other one."""
ENOUGH_CALLS = 20
"""Calls that are worth such a write: a twentieth of a write for each costs next to nothing."""
AT_THE_LATEST_S = 300.0
"""Seconds after which fewer calls are worth it, too."""
UNAVAILABLE_FOR_S = 60.0
"""Seconds without a write after one failed, which may have taken a second."""
_FAULTS = (ProviderError, ProviderTimeoutError)
_CALLERS = (ModelRejectedInputError, PayloadTooLargeError)
"""Errors of calls that reached the endpoint: by its own fault, and by the caller's.

Any other one says nothing: the model starts or sleeps, its circuit is open, a limit is reached."""


@dataclass(slots=True)
class _Unwritten:
    """Counts that are still to be written.

    Attributes:
        since: When the first call was counted; *written_at*: when the last write was tried.
    """

    new_until: float
    since: float = 0.0
    written_at: float = 0.0
    calls: int = 0
    faults: int = 0


class OutcomeCounter:
    """Counts calls by deployment. Never raises; times are Unix seconds.

    *window_s*: The rollback window, in which a deployment counts as new; 0: nothing is counted.
    """

    def __init__(
        self,
        store: CallCountStore,
        *,
        window_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._window_s = window_s
        self._now = now
        self._unwritten: dict[str, _Unwritten] = {}
        self._unavailable_until = 0.0

    def answered(self, deployment: Deployment) -> None:
        """Count a call that the model has answered; write what is due."""
        self._count(deployment, is_fault=False)

    def failed(self, deployment: Deployment, error: ServiceError) -> None:
        """Count a call that *error* ended, if it reached the endpoint; write what is due."""
        if isinstance(error, _FAULTS + _CALLERS):
            self._count(deployment, is_fault=isinstance(error, _FAULTS))

    def _count(self, deployment: Deployment, *, is_fault: bool) -> None:
        if not self._window_s:
            return
        now, kept = self._now(), self._unwritten.get(deployment.id)
        if kept is None:
            new_until = _unix_s(deployment.activated_at) + self._window_s
            kept = self._unwritten[deployment.id] = _Unwritten(new_until)
        if not kept.calls:
            kept.since = now
        kept.calls += 1
        kept.faults += is_fault
        if _is_due(kept, now, is_fault=is_fault):
            self._write(deployment.id, kept, now)

    def _write(self, deployment_id: str, kept: _Unwritten, now: float) -> None:
        counts, kept.written_at = CallCounts(kept.calls, kept.faults), now
        kept.calls = kept.faults = 0
        if now < self._unavailable_until:
            return
        try:
            self._store.add(deployment_id, quarter_of(now), counts)
        except CallCountsUnavailableError:
            self._unavailable_until = now + UNAVAILABLE_FOR_S


def _is_due(kept: _Unwritten, now: float, *, is_fault: bool) -> bool:
    since_write_s = now - kept.written_at
    if now < kept.new_until:
        return is_fault or since_write_s >= WHILE_NEW_S
    enough = kept.calls >= ENOUGH_CALLS or now - kept.since >= AT_THE_LATEST_S
    return enough and since_write_s >= OTHERWISE_S


def _unix_s(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0

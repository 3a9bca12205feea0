"""Answers of the last hour, by caller and key."""

import hashlib
import json
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from aws_lambda_powertools import Logger

from functions.common.deadline import Deadline
from functions.common.errors import InvalidRequestError, ProviderTimeoutError
from functions.predict.idempotency.leases import (
    Completed,
    Lease,
    LeaseStore,
    LeasesUnavailableError,
)

KEPT_S = 3600.0
LEASE_MARGIN_S = 5.0
"""Seconds that a lease lasts beyond the deadline."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.25
_KEY_FORM = re.compile(r"[!-~]{1,255}")


class IdempotentAnswer(NamedTuple):
    """The answer, and whether an earlier call with the key had it computed."""

    answer: bytes
    replayed: bool


class Idempotency:
    """Computes an answer once for all calls with the same key; keeps a hash of the key only.

    While the leases are unavailable every call is computed: two answers are better than none.
    """

    def __init__(
        self, leases: LeaseStore, logger: Logger, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._leases = leases
        self._log = logger
        self._sleep = sleep
        self._has_warned = False

    def answer(
        self,
        scope: str,
        key: str,
        body: bytes,
        compute: Callable[[], bytes],
        *,
        deadline: Deadline,
    ) -> IdempotentAnswer:
        """Return the kept answer, or the result of *compute*, which is called at most once.

        *scope* identifies the caller and the model. A call in progress is waited for until
        *deadline*; if it fails, *compute* is called with the time that is left.

        Raises: InvalidRequestError (malformed key; key used with another body),
        ProviderTimeoutError (the first call is still in progress), and whatever *compute*
        raises, with nothing kept.
        """
        if not _KEY_FORM.fullmatch(key):
            raise InvalidRequestError("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        id_ = f"idempotency#{_digest(json.dumps([scope, key]).encode())}"
        try:
            found = self._acquire(id_, _digest(body), deadline)
        except LeasesUnavailableError as error:
            self._warn(str(error))
            return IdempotentAnswer(compute(), replayed=False)
        if isinstance(found, Completed):
            return IdempotentAnswer(found.answer, replayed=True)
        return IdempotentAnswer(self._execute(found, compute), replayed=False)

    def _acquire(self, id_: str, digest: str, deadline: Deadline) -> Lease | Completed:
        pause_s = FIRST_PAUSE_S
        while True:
            lease_s = deadline.left_s() + LEASE_MARGIN_S
            found = self._leases.acquire(id_, digest=digest, lease_s=lease_s)
            if found.digest != digest:
                raise InvalidRequestError("This Idempotency-Key came with another body.")
            if isinstance(found, Lease | Completed):
                return found
            if (left_s := deadline.left_s()) <= 0:
                raise ProviderTimeoutError("The first call with this key still goes on.")
            # With jitter: a hundred calls may be waiting for the same answer.
            self._sleep(min(left_s, pause_s * random.uniform(0.5, 1)))  # noqa: S311
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _execute(self, lease: Lease, compute: Callable[[], bytes]) -> bytes:
        try:
            answer = compute()
        except BaseException:
            with suppress(LeasesUnavailableError):
                self._leases.release(lease)
            raise
        try:
            self._leases.complete(lease, answer, keep_s=KEPT_S)
        except LeasesUnavailableError as error:
            self._warn(str(error))
        return answer

    def _warn(self, reason: str) -> None:
        """Log once per execution environment: an outage would fill the log with the same line."""
        if not self._has_warned:
            self._log.warning("idempotency.unavailable", reason=reason)
        self._has_warned = True


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""One does the work, the others wait for what comes out."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from functions.predict.single_flight.claims import Lease, LeaseStore, LeasesUnavailableError

FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.25


class OtherWorkError(Exception):
    """The id stands for other work."""


class StillAtWorkError(Exception):
    """Somebody has been at work for longer than we would wait."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the work gave, and for how many seconds it may be handed to others."""

    answer: bytes
    keep_s: float


@dataclass(frozen=True, slots=True)
class Landed:
    """What the work gave.

    Attributes:
        shared: Somebody else did it.
        kept: It stands for others; False when that could not be written.
    """

    answer: bytes
    shared: bool = False
    kept: bool = True


class SingleFlight:
    """Does a piece of work once for all who want it while it is being done, and for as long
    afterwards as its result is kept.

    Args:
        lease_s: For how long one may be at work; longer than the work can take.
        wait_s: How long the others wait; it is looked every `LONGEST_PAUSE_S` at least.
    """

    def __init__(
        self,
        claims: LeaseStore,
        *,
        lease_s: float,
        wait_s: float,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._claims = claims
        self._lease_s = lease_s
        self._wait_s = wait_s
        self._sleep = sleep
        self._monotonic = monotonic

    def run(self, id_: str, work: Callable[[], Result], *, digest: str = "") -> Landed:
        """The result of *work*, or of somebody else's work under this *id_*.

        Raises: what *work* raises, with nothing kept; OtherWorkError (*id_* stands for another
        *digest*); StillAtWorkError; LeasesUnavailableError, before *work* was begun.
        """
        until = self._monotonic() + self._wait_s
        pause_s = FIRST_PAUSE_S
        while True:
            found = self._claims.claim(id_, digest=digest, lease_s=self._lease_s)
            if isinstance(found, Lease):
                return self._fly(found, work)
            if found.digest != digest:
                raise OtherWorkError
            if found.answer is not None:
                return Landed(found.answer, shared=True)
            left_s = until - self._monotonic()
            if left_s <= 0:
                raise StillAtWorkError
            # Not all at once: a hundred may be waiting for the same.
            self._sleep(min(left_s, pause_s * random.uniform(0.5, 1)))  # noqa: S311
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _fly(self, claim: Lease, work: Callable[[], Result]) -> Landed:
        try:
            result = work()
        except BaseException:
            with suppress(LeasesUnavailableError):
                self._claims.abandon(claim)
            raise
        try:
            self._claims.finish(claim, result.answer, keep_s=result.keep_s)
        except LeasesUnavailableError:
            return Landed(result.answer, kept=False)
        return Landed(result.answer)

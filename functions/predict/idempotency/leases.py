"""Port: who computes an answer, and the answer, as all execution environments see it."""

from dataclasses import dataclass
from typing import Protocol

MAX_ANSWER_BYTES = 380_000
"""Compressed. DynamoDB takes items of 400 KB."""


class LeasesUnavailableError(Exception):
    """The store cannot be reached, or does not answer in time."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to compute the answer of *id*.

    Attributes:
        digest: Of the request; the same id with another digest is another request.
        token: Distinguishes this lease from earlier and later ones.
    """

    id: str
    digest: str
    token: str


@dataclass(frozen=True, slots=True)
class InProgress:
    """Another call holds the lease."""

    digest: str


@dataclass(frozen=True, slots=True)
class Completed:
    """Another call has computed the answer."""

    digest: str
    answer: bytes


class LeaseStore(Protocol):
    """Leases and answers by id. Every method may raise LeasesUnavailableError."""

    def acquire(self, id_: str, *, digest: str, lease_s: float) -> Lease | InProgress | Completed:
        """Lease *id_* for *lease_s* seconds, unless it is leased or answered already.

        An expired lease goes to the next caller.
        """
        ...

    def complete(self, lease: Lease, answer: bytes, *, keep_s: float) -> None:
        """Keep *answer* for *keep_s* seconds; one over `MAX_ANSWER_BYTES` releases the lease.

        Nothing happens when the lease has passed to another caller.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Let the next caller have the lease at once.

        Nothing happens when the lease has passed to another caller.
        """
        ...

"""Who does a piece of work, and what came out of it, as all execution environments see it."""

from dataclasses import dataclass
from typing import Protocol


class LeasesUnavailableError(Exception):
    """Whatever keeps the claims cannot be reached, or does not answer in time."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Ours: the work is for us to do.

    Attributes:
        digest: Tells works apart that go by the same id.
        token: Tells this claim from earlier and later ones.
    """

    id: str
    digest: str
    token: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody else's.

    Attributes:
        answer: What came out; None while it is being worked on.
    """

    digest: str
    answer: bytes | None


class LeaseStore(Protocol):
    """At most one unexpired claim stands for an id at any time."""

    def claim(self, id_: str, *, digest: str, lease_s: float) -> Lease | Standing:
        """Lease the work *id_* for so many seconds, unless somebody has; whoever takes longer
        may lose it to the next.

        Raises: LeasesUnavailableError.
        """
        ...

    def finish(self, claim: Lease, answer: bytes, *, keep_s: float) -> None:
        """Have *answer* stand for so many seconds. No longer ours: nothing happens.

        Raises: LeasesUnavailableError.
        """
        ...

    def abandon(self, claim: Lease) -> None:
        """Let the next one do the work, from now on. No longer ours: nothing happens.

        Raises: LeasesUnavailableError.
        """
        ...

"""Memory, time and storage of a Lambda function."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """Memory, time and storage of one function.

    Attributes:
        timeout_s: Lambda ends the call after this many seconds.
        storage_mib: Size of /tmp; more than 512 is paid for.
    """

    memory_mib: int
    timeout_s: int
    storage_mib: int = 512

"""Hooks of SnapStart: what a function does before Lambda takes its snapshot, and after a restore.

Every execution environment begins as a copy of the snapshot. So it holds what all can share:
modules, settings, clients, the list of authorities. It holds no secret, no connection, nothing that
was read, and no time: a function is put together without calling anybody.
Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
"""

import os
import random
import ssl
from collections.abc import Callable

from snapshot_restore_py import register_after_restore, register_before_snapshot

_ENTROPY_BYTES = 32


def primed(prime: Callable[[], object]) -> Callable[[], object]:
    """Have *prime* called before the snapshot, which puts the function together; return it.

    Without SnapStart it is never called.
    """
    register_before_snapshot(prime)
    register_after_restore(renew_randomness)
    return prime


def renew_randomness() -> None:
    """Make this copy's random numbers its own.

    `secrets` and `uuid4` ask the kernel, which Lambda provides for.
    """
    random.seed(os.urandom(_ENTROPY_BYTES))
    ssl.RAND_add(os.urandom(_ENTROPY_BYTES), float(_ENTROPY_BYTES))

"""Wait until a condition holds, with time limits that suit the local system."""

from collections.abc import Callable

from infra.local.processes import wait_for

DEPLOYMENT_TIMEOUT_S = 300
"""Time limit of a deployment: the first one with a set of requirements installs them."""
DEFAULT_TIMEOUT_S = 120
POLL_INTERVAL_S = 0.3
"""Many tests poll at the same time, and each poll costs the system work."""


def eventually(condition: Callable[[], bool], *, timeout_s: float = DEFAULT_TIMEOUT_S) -> bool:
    """Poll *condition*; return whether it became true within *timeout_s*."""
    return wait_for(condition, timeout_s=timeout_s, every_s=POLL_INTERVAL_S)

"""How long an endpoint took to start, as its deployment's timeline tells."""

from functions.common.deployments.record import Deployment

UNKNOWN_START_S = 60.0
"""Between what was measured for small CPU models (40 s) and what is documented (1 to 5 min)."""


def first_wake_s(deployment: Deployment) -> float:
    """Seconds from its creation to its health: the best guess until it has slept and woken."""
    times = {entry.step: entry.time for entry in deployment.timeline}
    if "create" not in times or "check" not in times:
        return UNKNOWN_START_S
    return max(1.0, (times["check"] - times["create"]).total_seconds())

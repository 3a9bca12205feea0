"""When a new version is asked its example again. Pure."""

from datetime import datetime

from functions.common.circuits.state import AWAKE_FOR_S, CircuitState, Phase
from functions.common.deployments.record import Deployment
from functions.provision.rollback.policy import RollbackPolicy

EVERY_S = 60.0
CHANGED_ANSWER = "its answer to its example is another than when it was verified"


def is_asked_now(
    live: Deployment,
    circuit: CircuitState,
    policy: RollbackPolicy,
    *,
    since: datetime,
    now: datetime,
) -> bool:
    """Return whether this look at *live*, which serves *since* then, is to ask: one look of each
    minute, and what may be the last one.

    An endpoint that may sleep is neither woken nor kept awake without calls.
    """
    elapsed_s = (now - since).total_seconds()
    answered_s = now.timestamp() - max(circuit.answered_at, since.timestamp())
    awake = bool(live.endpoint.min_replicas) or answered_s < AWAKE_FOR_S
    first_of_a_minute = elapsed_s % EVERY_S < policy.poll_s
    # A look takes time itself, so that the window may be over when the next one would be due.
    last = elapsed_s + 2 * policy.poll_s >= policy.window_s
    return awake and circuit.phase is Phase.CLOSED and (first_of_a_minute or last)

"""Whether the answers of a model that may sleep are to be compared now. Pure.

Its callers wake it, not the checks: it is checked only while it is sure to be awake, once after it
has come back, and once an hour while it is used. A check adds to the time for which it is awake
what has passed since the last call, five minutes as a rule.
"""

from functions.common.circuits.state import AWAKE_FOR_S, CircuitState, Phase
from functions.common.deployments.record import Deployment

CHECK_AGAIN_AFTER_S = 3_600.0
"""Seconds; a replica that was exchanged between two calls leaves no trace in the circuit."""


def answers_are_due(deployment: Deployment, circuit: CircuitState, now: float) -> bool:
    """Return whether the answers of *deployment* are to be compared at *now* (Unix seconds);
    *circuit* is what its callers have learnt."""
    if deployment.package.answer_fingerprint is None or deployment.contract.input_example is None:
        return False
    if circuit.phase is not Phase.CLOSED or now - circuit.answered_at >= AWAKE_FOR_S:
        return False
    came_back = circuit.checked_at < circuit.since
    return came_back or now - circuit.checked_at >= CHECK_AGAIN_AFTER_S

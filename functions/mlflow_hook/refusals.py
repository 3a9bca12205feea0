"""The count of refused deliveries. Standard library alone, as all that a forged delivery meets."""

from functions.common.emf import Metrics
from functions.common.errors import ServiceError
from functions.common.metric_names import DELIVERIES_REFUSED, REASON


def refusal_count(error: ServiceError) -> Metrics:
    """Return the count of *error*, by its reason: `unsigned`, `stale`, `wrong_signature`, or the
    error's public code."""
    reason = getattr(error, "reason", error.code)
    return Metrics({DELIVERIES_REFUSED: 1}, ({REASON: str(reason)},))

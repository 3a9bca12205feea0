"""Whether the provider's account has credits, by what the provider says and refuses."""

from collections.abc import Iterable

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.providers.base import NO_CREDITS, Endpoint, ProviderRefusedError


def credits_exhausted(states: Iterable[ModelState], endpoints: Iterable[Endpoint]) -> bool:
    """Return whether an endpoint was stopped, or the last deployment of a model refused, for want
    of credits."""
    if any(each.out_of_credits for each in endpoints):
        return True
    return any(state.deployments and _was_refused(state.deployments[0]) for state in states)


def is_for_want_of_credits(error: Exception) -> bool:
    """Return whether the provider has refused something because the account cannot pay."""
    return isinstance(error, ProviderRefusedError) and error.out_of_credits


def _was_refused(deployment: Deployment) -> bool:
    return deployment.status is Status.FAILED and NO_CREDITS in (deployment.reason or "")

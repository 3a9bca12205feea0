"""What a caller may do, from what the authorizer found out."""

from collections.abc import Mapping
from typing import Any

from functions.common.errors import InsufficientBalanceError, RateLimitedError


def admit(authorizer_context: Mapping[str, Any]) -> None:
    """Let the caller in.

    API Gateway hands the context's values over as text.

    Raises: RateLimitedError, InsufficientBalanceError.
    """
    if _is(authorizer_context, "rate_limited", default=False):
        raise RateLimitedError("This API key has reached its rate limit.")
    if not _is(authorizer_context, "has_sufficient_balance", default=True):
        raise InsufficientBalanceError("The balance of this account does not suffice.")


def _is(context: Mapping[str, Any], name: str, *, default: bool) -> bool:
    return str(context.get(name, default)).lower() == "true"

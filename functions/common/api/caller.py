"""What a caller may do, from what the authorizer found out.

API Gateway hands the context's values over as text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.common.errors import ForbiddenError, InsufficientBalanceError, RateLimitedError

WRITE_SCOPES = (
    "model:write",
    "mlflow:write",
    "mlflow:access",
    "mlflow:admin",
    "admin",
    "write",
    "full_access",
)
"""Any one of them lets a key change which models are served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as the log may have it: never the key itself."""

    user_id: str
    key_id: str

    def scope(self, model_id: str) -> str:
        """What is the caller's own at this model, and no other caller's."""
        return json.dumps([self.user_id, self.key_id, model_id])


def admit(authorizer_context: Mapping[str, Any]) -> Caller:
    """Let the caller in.

    Raises: RateLimitedError, InsufficientBalanceError.
    """
    if _is(authorizer_context, "rate_limited", default=False):
        raise RateLimitedError("This API key has reached its rate limit.")
    if not _is(authorizer_context, "has_sufficient_balance", default=True):
        raise InsufficientBalanceError("The balance of this account does not suffice.")
    return _caller(authorizer_context)


def require_write(authorizer_context: Mapping[str, Any]) -> Caller:
    """Let the caller change which models are served.

    Raises: ForbiddenError (none of `WRITE_SCOPES`, and no administrator).
    """
    scopes = str(authorizer_context.get("scopes", "")).split()
    is_admin = _is(authorizer_context, "is_admin", default=False)
    if not is_admin and not set(scopes) & set(WRITE_SCOPES):
        raise ForbiddenError(f"This needs a key with one of {', '.join(WRITE_SCOPES)}.")
    return _caller(authorizer_context)


def _caller(context: Mapping[str, Any]) -> Caller:
    return Caller(user_id=str(context.get("user_id", "")), key_id=str(context.get("key_id", "")))


def _is(context: Mapping[str, Any], name: str, *, default: bool) -> bool:
    return str(context.get(name, default)).lower() == "true"

"""The authorizer's answer: a policy, and the key's owner as its context."""

from collections.abc import Mapping
from typing import Any

from functions.authorizer.auth_service import KeyOwner
from functions.common.api.scopes import scopes_as_text


def as_context(owner: KeyOwner) -> dict[str, str | bool | int | float]:
    """*owner* as an authorizer's context, whose values can only be plain ones."""
    values: Mapping[str, Any] = {
        "user_id": owner.user_id,
        "key_id": owner.key_id,
        "scopes": scopes_as_text(owner.scopes),
        "is_admin": owner.is_admin,
        "has_sufficient_balance": owner.has_sufficient_balance,
        "balance": owner.balance,
        "rate_limit_per_hour": owner.rate_limit_per_hour,
        "rate_limited": owner.rate_limited,
    }
    return {name: value for name, value in values.items() if value is not None}


def allowed(
    owner: KeyOwner, method_arn: str, *, auth_ms: float, authorized_at_ms: int
) -> dict[str, Any]:
    """*owner* let in everywhere: API Gateway keeps the answer and uses it for every route.

    *auth_ms* is what it took, *authorized_at_ms* (Unix time) by when; API Gateway hands both on
    for as long as it keeps the answer, so that a function knows whether this request waited for it.
    """
    api_and_stage = "/".join(method_arn.split("/")[:2])
    return {
        "principalId": owner.user_id or "unknown",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": f"{api_and_stage}/*",
                }
            ],
        },
        "context": {
            **as_context(owner),
            "auth_ms": round(auth_ms, 1),
            "authorized_at_ms": authorized_at_ms,
        },
    }

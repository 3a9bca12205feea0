"""API keys of the local system's users and of its uptime checks."""

import secrets

import httpx

OPERATOR_SCOPES = ("model:read", "model:write")


def new_key() -> str:
    """Return a new API key."""
    return f"hk_test_{secrets.token_hex(16)}"


def accept_keys(auth_url: str, *, operator: str, checks: str) -> None:
    """Have the stand-in of auth.hokus.ai accept the key *operator* for the operating routes, too,
    and the key *checks*, of the uptime checks, for the others."""
    for rule in (
        {"key": operator, "answer": {"scopes": list(OPERATOR_SCOPES)}},
        {"key": checks},
    ):
        httpx.post(f"{auth_url}/_standin/keys", json=rule).raise_for_status()

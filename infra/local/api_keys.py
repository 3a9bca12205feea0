"""API keys of the local system's users."""

import secrets

import httpx

OPERATOR_SCOPES = ("model:read", "model:write")


def new_key() -> str:
    """Return a new API key."""
    return f"hk_test_{secrets.token_hex(16)}"


def accept_operator(auth_url: str, key: str) -> None:
    """Have the stand-in of auth.hokus.ai accept *key* for the operating routes, too."""
    rule = {"key": key, "answer": {"scopes": list(OPERATOR_SCOPES)}}
    httpx.post(f"{auth_url}/_standin/keys", json=rule).raise_for_status()

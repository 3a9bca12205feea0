"""New API keys, made known to the stand-in for auth.hokus.ai."""

from typing import Any

import httpx

from infra.local.system import LocalSystem
from tests.e2e.support import canaries


def new_key(system: LocalSystem, **rule: Any) -> str:
    """Return a new key that the stand-in answers by *rule*; without one, the key is valid."""
    key = canaries.api_key()
    add_rule = f"{system.auth_url}/_standin/keys"
    httpx.post(add_rule, json={"key": key, **rule}).raise_for_status()
    return key


def new_key_with_scopes(system: LocalSystem, *scopes: str) -> str:
    """Return a new valid key that has exactly *scopes*."""
    return new_key(system, answer={"scopes": list(scopes)})

"""Settings of the Lambda authorizer, by the standard library alone: msgspec, which the other
functions' settings need, would be a twentieth of its cold start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

MAX_TIMEOUT_S = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizerSettings:
    """Settings of the Lambda authorizer."""

    auth_url: str = field(
        default="https://auth.hokus.ai",
        metadata={"description": "The service that knows the API keys."},
    )
    auth_service_id: str = field(
        default="platform", metadata={"description": "The service that a key must be good for."}
    )
    auth_timeout_s: float = field(
        default=5, metadata={"description": "Seconds to wait for the auth service."}
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "AuthorizerSettings":
        """Read every field from its variable. Raises: ValueError."""
        values = {
            each.name: environ[each.name.upper()]
            for each in fields(cls)
            if each.name.upper() in environ
        }
        timeout_s = float(values.pop("auth_timeout_s", 5))
        if not 0 < timeout_s <= MAX_TIMEOUT_S:
            raise ValueError(f"AUTH_TIMEOUT_S must be above 0 and at most {MAX_TIMEOUT_S}.")
        return cls(**values, auth_timeout_s=timeout_s)

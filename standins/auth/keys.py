"""Known API keys and their answers; only hashes of keys are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from standins.bearer import digest

_DEFAULT_SCOPES = ["model:read", "mlflow:read"]


class KeyRule(BaseModel):
    """The answer to a key; see the package's docstring."""

    model_config = ConfigDict(extra="forbid")

    key: str
    answer: dict[str, Any] = {}
    status: int = 200
    client_ips: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Status and, for 200, the body."""

    status: int
    body: dict[str, Any]


class Keys:
    """Known keys; *good*: those with the usual answer."""

    def __init__(self, good: Iterable[str]) -> None:
        self._rules: dict[str, KeyRule] = {}
        for key in good:
            self.add(KeyRule(key=key))

    def add(self, rule: KeyRule) -> None:
        """Answer the rule's key by it from now on."""
        self._rules[digest(rule.key)] = rule.model_copy(update={"key": ""})

    def judge(self, key: str, *, service_id: str, client_ip: str | None) -> Verdict:
        """Return the answer to *key* for this service and address."""
        rule = self._rules.get(digest(key))
        if rule is None or not _address_allowed(rule, client_ip):
            return Verdict(401, {"detail": "Invalid or expired API key"})
        if rule.status == 200:  # noqa: PLR2004 - the key is good
            return Verdict(200, {**_usual_answer(digest(key), service_id), **rule.answer})
        detail = {401: "Invalid or expired API key", 429: "Rate limit exceeded"}
        return Verdict(rule.status, {"detail": detail.get(rule.status, "Error")})


def _address_allowed(rule: KeyRule, client_ip: str | None) -> bool:
    return rule.client_ips is None or client_ip in rule.client_ips


def _usual_answer(fingerprint: str, service_id: str) -> dict[str, Any]:
    user_id = f"user_{fingerprint[:12]}"
    return {
        "user_id": user_id,
        "key_id": f"key_{fingerprint[12:24]}",
        "service_id": service_id,
        "scopes": _DEFAULT_SCOPES,
        "rate_limit_per_hour": 1000,
        "email": f"{user_id}@example.com",
        "roles": ["user"],
        "is_admin": False,
        "has_sufficient_balance": True,
        "balance": 12.5,
    }

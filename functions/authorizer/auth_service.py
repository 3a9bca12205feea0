"""auth.hokus.ai: whose key is this, and what may it do?"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from functions.authorizer.bearer import KeyRefusedError, check_form


class AuthServiceDownError(Exception):
    """No usable answer, which says nothing about the key; try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOwner:
    """The owner of an API key.

    Attributes:
        rate_limited: The key's own limit is reached; nothing else is known then.
        balance: In US dollars; None when the service does not say.
        rate_limit_per_hour: Requests; None when the service does not say.
    """

    user_id: str
    key_id: str
    scopes: tuple[str, ...] = ()
    is_admin: bool = False
    has_sufficient_balance: bool = True
    balance: float | None = None
    rate_limit_per_hour: int | None = None
    rate_limited: bool = False


class AuthService(Protocol):
    """Validates API keys."""

    def owner_of(self, key: str, *, client_ip: str | None) -> KeyOwner:
        """Return the owner of *key*, when used from *client_ip*.

        Raises: KeyRefusedError, AuthServiceDownError.
        """
        ...


class _User(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = None
    is_admin: bool | None = None


class _Validation(BaseModel):
    """The service's 200; identity stands at the top level or inside `user`."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    user_id: str | None = None
    key_id: str | None = None
    scopes: tuple[str, ...] | None = None
    is_admin: bool | None = None
    has_sufficient_balance: bool | None = None
    balance: float | None = None
    rate_limit_per_hour: int | None = None
    user: _User | None = None

    def owner(self, key_digest: str) -> KeyOwner:
        user = self.user or _User()
        return KeyOwner(
            user_id=self.user_id or user.id or "",
            key_id=self.key_id or key_digest,
            scopes=self.scopes or (),
            is_admin=bool(user.is_admin if self.is_admin is None else self.is_admin),
            has_sufficient_balance=self.has_sufficient_balance is not False,
            balance=self.balance,
            rate_limit_per_hour=self.rate_limit_per_hour,
        )


class HttpAuthService:
    """`AuthService` over HTTP; the key travels in the header and nowhere else."""

    def __init__(self, *, url: str, service_id: str, client: httpx.Client) -> None:
        self._url = f"{url.rstrip('/')}/api/v1/keys/validate"
        self._service_id = service_id
        self._client = client

    def owner_of(self, key: str, *, client_ip: str | None) -> KeyOwner:
        check_form(key)
        question = {"service_id": self._service_id}
        if client_ip:
            question["client_ip"] = client_ip
        try:
            answer = self._client.post(
                self._url, json=question, headers={"Authorization": f"Bearer {key}"}
            )
        except httpx.HTTPError as error:
            raise AuthServiceDownError(type(error).__name__) from None
        # A key without an id is identified by a digest, which does not reveal it.
        return _owner(answer, hashlib.sha256(key.encode()).hexdigest()[:16])


def _owner(answer: httpx.Response, key_digest: str) -> KeyOwner:
    match answer.status_code:
        case 200:
            return _validation(answer).owner(key_digest)
        case 401:
            raise KeyRefusedError("refused by the auth service")
        case 429:
            return KeyOwner(user_id="", key_id="", rate_limited=True)
    raise AuthServiceDownError(f"status {answer.status_code}")


def _validation(answer: httpx.Response) -> _Validation:
    try:
        return _Validation.model_validate_json(answer.content)
    except ValidationError:
        raise AuthServiceDownError("an answer that is not a validation") from None

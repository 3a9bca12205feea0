"""auth.hokus.ai: whose key is this, and what may it do?"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Protocol

import httpx
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from functions.authorizer.bearer import KeyRefusedError, check_form

MAX_ANSWER_BYTES = 65_536
"""A hundred times an ordinary answer."""
_LARGEST = 1e15


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


def _as_text(value: object) -> object:
    """Return a whole number as text: ids are numbers in some of the service's answers."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _number_or_none(value: object) -> float | None:
    """Return a number; None for anything else, since nothing is decided by it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _LARGEST else None


type _Id = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=256),
]
type _Scope = Annotated[str, StringConstraints(min_length=1, max_length=256)]
type _Number = Annotated[float | None, BeforeValidator(_number_or_none)]


class _Strict(BaseModel):
    """Reads values of their own type only: `"false"` is no false, and who knows what it means."""

    model_config = ConfigDict(strict=True)


class _User(_Strict):
    id: _Id | None = None
    is_admin: bool | None = None


class _Validation(_Strict):
    """The service's 200; identity stands at the top level or inside `user`."""

    user_id: _Id | None = None
    key_id: _Id | None = None
    scopes: list[_Scope] | None = Field(default=None, max_length=100)
    is_admin: bool | None = None
    has_sufficient_balance: bool | None = None
    balance: _Number = None
    rate_limit_per_hour: _Number = None
    user: _User | None = None
    is_valid: bool | None = None
    valid: bool | None = None

    def owner(self, key_digest: str) -> KeyOwner:
        """Return the owner. Raises: AuthServiceDownError (it does not say who that is)."""
        user = self.user or _User()
        user_id = self.user_id or user.id
        limit = self.rate_limit_per_hour
        if user_id is None:
            raise AuthServiceDownError("an answer without an identity")
        if False in (self.is_valid, self.valid):
            raise AuthServiceDownError("an answer 200 that refuses the key")
        return KeyOwner(
            user_id=user_id,
            key_id=self.key_id or key_digest,
            scopes=tuple(self.scopes or ()),
            is_admin=bool(user.is_admin if self.is_admin is None else self.is_admin),
            has_sufficient_balance=self.has_sufficient_balance is not False,
            balance=self.balance,
            rate_limit_per_hour=None if limit is None else int(limit),
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
        headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
        try:
            with self._client.stream("POST", self._url, json=question, headers=headers) as answer:
                content = _content(answer) if answer.status_code == httpx.codes.OK else b""
        except httpx.HTTPError as error:
            raise AuthServiceDownError(type(error).__name__) from None
        # A key without an id is identified by a digest, which does not reveal it.
        return _owner(answer, content, hashlib.sha256(key.encode()).hexdigest()[:16])


def _content(answer: httpx.Response) -> bytes:
    """Return the body as far as it is read. Raises: AuthServiceDownError, httpx.HTTPError."""
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > MAX_ANSWER_BYTES:
            raise AuthServiceDownError("an answer that is too long")
    return bytes(content)


def _owner(answer: httpx.Response, content: bytes, key_digest: str) -> KeyOwner:
    match answer.status_code:
        case 200:
            return _validation(content).owner(key_digest)
        case 401:
            raise KeyRefusedError("refused by the auth service")
        case 429:
            return KeyOwner(user_id="", key_id="", rate_limited=True)
    raise AuthServiceDownError(f"status {answer.status_code}")


def _validation(content: bytes) -> _Validation:
    try:
        return _Validation.model_validate_json(content)
    except ValidationError:
        raise AuthServiceDownError("an answer that is not a validation") from None

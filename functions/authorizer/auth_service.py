"""auth.hokus.ai: whose key is this, and what may it do?"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from functions.authorizer.bearer import KeyRefusedError, check_form
from functions.authorizer.post import FAILURES, Answer, Post
from functions.authorizer.settings import AuthorizerSettings

MAX_ANSWER_BYTES = 65_536
"""A hundred times an ordinary answer."""
VALIDATE_PATH = "/api/v1/keys/validate"
_LARGEST = 1e15
_MAX_CHARACTERS = 256
_MAX_SCOPES = 100


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


class HttpAuthService:
    """`AuthService` over HTTP; the key travels in the header and nowhere else.

    *post* sends a body with headers to the service, and reads one byte more than
    `MAX_ANSWER_BYTES` at most.
    """

    def __init__(
        self, *, service_id: str, post: Callable[[bytes, Mapping[str, str]], Answer]
    ) -> None:
        self._service_id = service_id
        self._post = post

    def owner_of(self, key: str, *, client_ip: str | None) -> KeyOwner:
        check_form(key)
        question = {"service_id": self._service_id}
        if client_ip:
            question["client_ip"] = client_ip
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
        }
        try:
            answer = self._post(json.dumps(question).encode(), headers)
        except FAILURES as error:
            raise AuthServiceDownError(type(error).__name__) from None
        # A key without an id is identified by a digest, which does not reveal it.
        return _owner(answer, hashlib.sha256(key.encode()).hexdigest()[:16])


def connect(settings: AuthorizerSettings) -> HttpAuthService:
    """Return the service of *settings*; its connection is made when first needed."""
    post = Post(
        settings.auth_url.rstrip("/") + VALIDATE_PATH,
        timeout_s=settings.auth_timeout_s,
        max_bytes=MAX_ANSWER_BYTES + 1,
    )
    return HttpAuthService(service_id=settings.auth_service_id, post=post)


def _owner(answer: Answer, key_digest: str) -> KeyOwner:
    match answer.status:
        case HTTPStatus.OK:
            return _named(_validation(answer.content), key_digest)
        case HTTPStatus.UNAUTHORIZED:
            raise KeyRefusedError("refused by the auth service")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return KeyOwner(user_id="", key_id="", rate_limited=True)
    raise AuthServiceDownError(f"status {answer.status}")


def _validation(content: bytes) -> dict[str, Any]:
    """Return the service's 200, which is a JSON object in UTF-8. Raises: AuthServiceDownError."""
    if len(content) > MAX_ANSWER_BYTES:
        raise AuthServiceDownError("an answer that is too long")
    try:
        parsed = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise _unusable() from None
    if not isinstance(parsed, dict):
        raise _unusable()
    return parsed


def _named(answer: Mapping[str, Any], key_digest: str) -> KeyOwner:
    """Return the owner; identity stands at the top level or inside `user`.

    Values are read in their own type only: `"false"` is no false, and who knows what it means.

    Raises: AuthServiceDownError (it does not say who that is).
    """
    user = _typed(answer, "user", dict) or {}
    ids = [_id(answer, "user_id"), _id(user, "id")]
    flags = [_typed(answer, "is_admin", bool), _typed(user, "is_admin", bool)]
    user_id = next((id_ for id_ in ids if id_ is not None), None)
    if user_id is None:
        raise AuthServiceDownError("an answer without an identity")
    if False in (_typed(answer, "is_valid", bool), _typed(answer, "valid", bool)):
        raise AuthServiceDownError("an answer 200 that refuses the key")
    limit = _number(answer, "rate_limit_per_hour")
    return KeyOwner(
        user_id=user_id,
        key_id=_id(answer, "key_id") or key_digest,
        scopes=_scopes(answer),
        is_admin=bool(next((flag for flag in flags if flag is not None), False)),
        has_sufficient_balance=_typed(answer, "has_sufficient_balance", bool) is not False,
        balance=_number(answer, "balance"),
        rate_limit_per_hour=None if limit is None else int(limit),
    )


def _typed[T](answer: Mapping[str, Any], name: str, type_: type[T]) -> T | None:
    """Return the value, None if there is none. Raises: AuthServiceDownError (another type)."""
    value = answer.get(name)
    if value is not None and not isinstance(value, type_):
        raise _unusable()
    return value


def _id(answer: Mapping[str, Any], name: str) -> str | None:
    """Return an id as text: it is a number in some of the service's answers.

    Raises: AuthServiceDownError.
    """
    value = answer.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return None if value is None else _text(value, strip=True)


def _scopes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Raises: AuthServiceDownError."""
    scopes = _typed(answer, "scopes", list) or []
    if len(scopes) > _MAX_SCOPES:
        raise _unusable()
    return tuple(_text(scope) for scope in scopes)


def _text(value: object, *, strip: bool = False) -> str:
    """Return *value*, a text of 1 to 256 characters. Raises: AuthServiceDownError."""
    if not isinstance(value, str):
        raise _unusable()
    text = value.strip() if strip else value
    # JSON can name halves of characters, which nothing can be done with later.
    is_whole = not any("\ud800" <= character <= "\udfff" for character in text)
    if not (0 < len(text) <= _MAX_CHARACTERS and is_whole):
        raise _unusable()
    return text


def _number(answer: Mapping[str, Any], name: str) -> float | None:
    """Return a number; None for anything else, since nothing is decided by it."""
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _LARGEST else None


def _unusable() -> AuthServiceDownError:
    return AuthServiceDownError("an answer that is not a validation")

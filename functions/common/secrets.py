"""Secrets are read from Secrets Manager at run time and kept for a stated time.

The white space around a secret is no part of it: a token is easily stored with its line's end. What
a header cannot carry is refused here, because every HTTP library quotes the header that it refuses.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from functions.common import aws_clients
from functions.common.aws_errors import service_unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

MAX_AGE_S = 60
"""Seconds for which a warm function may still use a secret that has been rotated."""

STALE_FOR_S = 900
"""Seconds for which a value that was read before is used while Secrets Manager does not answer."""
ASKED_AGAIN_AFTER_S = 10
"""Seconds between two reads while it does not answer: each may take seconds."""
RENEWED_EVERY_S = 30
"""Seconds between two refetches of a rejected secret: a wrong one must not make a read of every
call."""
MAX_HEADER_CHARACTERS = 7_000
"""Servers refuse requests whose headers have more than 8 kB."""
_SHORTEST_PART = 6
"""Characters of a secret that are not found in a message by chance."""
NOT_SET = "not set"
"""Value of a secret that the stack has made and nobody has filled yet."""


class SecretUnavailableError(Exception):
    """The secret could not be read or cannot be used; holds its name, never its value."""


class SecretNotSetError(SecretUnavailableError):
    """Nobody has filled the secret called *name* yet."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The secret {name} is not set.")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretVersion:
    """A secret's value with the version that it belongs to.

    Attributes:
        id: Identifies the version, and says nothing about the value.
        created_at: When this version was put.
    """

    id: str
    value: str = field(repr=False)
    created_at: datetime


class Secrets(Protocol):
    """Reads secrets by name. Values are never empty, and at most `MAX_AGE_S` seconds old, or
    `STALE_FOR_S` while the place where they are kept does not answer."""

    def current(self, name: str) -> str:
        """The secret's value. Raises: SecretUnavailableError, SecretNotSetError."""
        ...

    def renewed(self, name: str) -> str:
        """Refetch the secret after the cached value was rejected; it replaces the cached one.

        Returns the cached value when it was refetched a moment ago.

        Raises: SecretUnavailableError, SecretNotSetError.
        """
        ...

    def previous(self, name: str) -> str | None:
        """The value before the last rotation; None when there was none.

        Raises: SecretUnavailableError.
        """
        ...


def read_for_header(read: Callable[[str], str], name: str) -> str:
    """Return what *read* returns for *name*. Raises: SecretUnavailableError, as `header_value`."""
    return header_value(read(name), name=name)


def header_value(secret: str, *, name: str) -> str:
    """Return *secret*, the one called *name*, if a request's header can carry it.

    Raises: SecretUnavailableError.
    """
    if not (secret.isascii() and secret.isprintable()):
        raise SecretUnavailableError(
            f"The secret {name} holds characters that no header can carry. Store it again, as one "
            "line of ASCII."
        )
    if len(secret) > MAX_HEADER_CHARACTERS:
        raise SecretUnavailableError(f"The secret {name} is too long for a header.")
    return secret


def blotted(text: str, *secrets: str | None) -> str:
    """Return *text*, another's message, with `…` in place of *secrets* that the other has seen.

    A message may have been cut within a secret.
    """
    for secret in secrets:
        if secret is None or len(secret) < _SHORTEST_PART:
            continue
        text = text.replace(secret, "…")
        for length in range(len(secret) - 1, _SHORTEST_PART - 1, -1):
            if text.endswith(secret[:length]):
                text = f"{text[:-length]}…"
                break
    return text


class SecretVersions(Protocol):
    """Reads secrets with the version that they belong to."""

    def version(self, name: str) -> SecretVersion:
        """The version that is current at this moment, whatever is cached.

        Raises: SecretUnavailableError, SecretNotSetError.
        """
        ...


class SecretsManagerSecrets:
    """Both ports on AWS Secrets Manager, whose stages keep a rotated secret's predecessor."""

    def __init__(
        self,
        client: "SecretsManagerClient | None" = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client or aws_clients.secrets_manager()
        self._monotonic = monotonic
        self._read_last: dict[str, tuple[str, float]] = {}
        self._previous: dict[str, tuple[str | None, float]] = {}
        self._renewed_at: dict[str, float] = {}
        self._failed_at: dict[str, float] = {}

    def current(self, name: str) -> str:
        now = self._monotonic()
        value, read_at = self._read_last.get(name, ("", -math.inf))
        if now - read_at < MAX_AGE_S:
            return value
        usable = now - read_at < STALE_FOR_S
        if usable and now - self._failed_at.get(name, -math.inf) < ASKED_AGAIN_AFTER_S:
            return value
        try:
            return self._read(name)
        except SecretUnavailableError as error:
            if not usable or service_unavailable(error) is None:
                raise
            self._failed_at[name] = now
            return value

    def renewed(self, name: str) -> str:
        now = self._monotonic()
        if now - self._renewed_at.get(name, -math.inf) < RENEWED_EVERY_S:
            return self.current(name)
        self._renewed_at[name] = now
        return self._read(name)

    def _read(self, name: str) -> str:
        value = self.version(name).value
        known, _ = self._read_last.get(name, (value, 0))
        if known != value:
            # It has been rotated: what was kept of its predecessor is that of an earlier rotation.
            self._previous.clear()
        self._read_last[name] = (value, self._monotonic())
        return value

    def previous(self, name: str) -> str | None:
        now = self._monotonic()
        value, read_at = self._previous.get(name, (None, -math.inf))
        if now - read_at >= MAX_AGE_S:
            value = self._read_previous(name)
            # Also that there is none: until the first rotation, every forged delivery would cost
            # a read otherwise.
            self._previous[name] = (value, now)
        return value

    def _read_previous(self, name: str) -> str | None:
        try:
            found = self._client.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
        except (ClientError, BotoCoreError) as error:
            if _is_absent(error):
                return None
            raise _unreadable(name) from error
        return _content(found, name) or None

    def version(self, name: str) -> SecretVersion:
        try:
            found = self._client.get_secret_value(SecretId=name)
        except (ClientError, BotoCoreError) as error:
            raise _unreadable(name) from error
        return SecretVersion(
            id=found["VersionId"],
            value=_filled(name, _content(found, name)),
            created_at=found["CreatedDate"],
        )


def _unreadable(name: str) -> SecretUnavailableError:
    return SecretUnavailableError(f"The secret {name} could not be read.")


def _content(found: Mapping[str, Any], name: str) -> str:
    """Return a secret as Secrets Manager has it, text or binary, without the white space around it.

    Raises: SecretUnavailableError (binary, and no text).
    """
    value = found.get("SecretString") or found.get("SecretBinary") or ""
    try:
        return (value.decode() if isinstance(value, bytes) else str(value)).strip()
    except UnicodeDecodeError:
        raise SecretUnavailableError(f"The secret {name} is no text.") from None


def _filled(name: str, value: str) -> str:
    """Raises: SecretNotSetError."""
    if value in {"", NOT_SET}:
        raise SecretNotSetError(name)
    return value


def _is_absent(error: ClientError | BotoCoreError) -> bool:
    return (
        isinstance(error, ClientError)
        and error.response["Error"]["Code"] == "ResourceNotFoundException"
    )

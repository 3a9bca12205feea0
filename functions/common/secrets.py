"""Secrets are read from Secrets Manager at run time and kept for a stated time."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

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


class SecretUnavailableError(Exception):
    """The secret could not be read; holds its name, never its value."""


class Secrets(Protocol):
    """Reads secrets by name. Values are at most `MAX_AGE_S` seconds old, or `STALE_FOR_S` while the
    place where they are kept does not answer."""

    def current(self, name: str) -> str:
        """The secret's value. Raises: SecretUnavailableError."""
        ...

    def renewed(self, name: str) -> str:
        """Refetch the secret after the cached value was rejected; it replaces the cached one.

        Returns the cached value when it was refetched a moment ago.

        Raises: SecretUnavailableError.
        """
        ...

    def previous(self, name: str) -> str | None:
        """The value before the last rotation; None when there was none.

        Raises: SecretUnavailableError.
        """
        ...


class SecretsManagerSecrets:
    """`Secrets` from AWS Secrets Manager, whose stages keep a rotated secret's predecessor."""

    def __init__(
        self,
        client: "SecretsManagerClient | None" = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # Powertools caches by name alone, so each stage needs a provider of its own.
        self._current = _provider(client)
        self._previous = _provider(client)
        self._monotonic = monotonic
        self._read_last: dict[str, tuple[str, float]] = {}
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
        try:
            value = str(self._current.get(name, force_fetch=True))
        except GetParameterError as error:
            raise SecretUnavailableError(name) from error.__context__
        self._read_last[name] = (value, self._monotonic())
        return value

    def previous(self, name: str) -> str | None:
        try:
            return str(self._previous.get(name, max_age=MAX_AGE_S, VersionStage="AWSPREVIOUS"))
        except GetParameterError as error:
            if _is_absent(error.__context__):
                return None
            raise SecretUnavailableError(name) from error.__context__


def _provider(client: "SecretsManagerClient | None") -> SecretsProvider:
    return SecretsProvider(boto_config=aws_clients.REQUIRED, boto3_client=client)


def _is_absent(error: BaseException | None) -> bool:
    return (
        isinstance(error, ClientError)
        and error.response["Error"]["Code"] == "ResourceNotFoundException"
    )

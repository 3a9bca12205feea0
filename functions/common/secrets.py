"""Secrets are read from Secrets Manager at run time and kept for a stated time."""

import math
import time
from collections.abc import Callable
from typing import Protocol

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from functions.common import aws_clients

MAX_AGE_S = 60
"""Seconds for which a warm function may still use a secret that has been rotated."""

RENEWED_EVERY_S = 30
"""Seconds between two refetches of a rejected secret: a wrong one must not make a read of every
call."""


class SecretUnavailableError(Exception):
    """The secret could not be read; holds its name, never its value."""


class Secrets(Protocol):
    """Reads secrets by name. Values are at most `MAX_AGE_S` seconds old."""

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

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        # Powertools caches by name alone, so each stage needs a provider of its own.
        self._current = SecretsProvider(boto_config=aws_clients.REQUIRED)
        self._previous = SecretsProvider(boto_config=aws_clients.REQUIRED)
        self._monotonic = monotonic
        self._renewed_at: dict[str, float] = {}

    def current(self, name: str) -> str:
        return self._read(name, anew=False)

    def renewed(self, name: str) -> str:
        now = self._monotonic()
        due = now - self._renewed_at.get(name, -math.inf) >= RENEWED_EVERY_S
        if due:
            self._renewed_at[name] = now
        return self._read(name, anew=due)

    def _read(self, name: str, *, anew: bool) -> str:
        try:
            return str(self._current.get(name, max_age=MAX_AGE_S, force_fetch=anew))
        except GetParameterError as error:
            raise SecretUnavailableError(name) from error

    def previous(self, name: str) -> str | None:
        try:
            return str(self._previous.get(name, max_age=MAX_AGE_S, VersionStage="AWSPREVIOUS"))
        except GetParameterError as error:
            if _is_absent(error.__context__):
                return None
            raise SecretUnavailableError(name) from error


def _is_absent(error: BaseException | None) -> bool:
    return (
        isinstance(error, ClientError)
        and error.response["Error"]["Code"] == "ResourceNotFoundException"
    )

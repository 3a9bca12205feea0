"""Secrets are read from Secrets Manager at run time and kept for a stated time."""

from typing import Protocol

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

MAX_AGE_S = 60
"""How long a warm function may still use a secret that has been rotated, in seconds."""


class SecretUnavailableError(Exception):
    """The secret could not be read; holds its name, never its value."""


class Secrets(Protocol):
    """Reads secrets by name. Values are at most `MAX_AGE_S` seconds old."""

    def current(self, name: str) -> str:
        """The secret's value. Raises: SecretUnavailableError."""
        ...

    def previous(self, name: str) -> str | None:
        """The value before the last rotation; None when there was none.

        Raises: SecretUnavailableError.
        """
        ...


class SecretsManagerSecrets:
    """`Secrets` from AWS Secrets Manager, whose stages keep a rotated secret's predecessor."""

    def __init__(self) -> None:
        # Powertools caches by name alone, so each stage needs a provider of its own.
        self._current = SecretsProvider()
        self._previous = SecretsProvider()

    def current(self, name: str) -> str:
        try:
            return str(self._current.get(name, max_age=MAX_AGE_S))
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

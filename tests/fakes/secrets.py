"""`Secrets` and `SecretVersions` from a dictionary."""

from collections.abc import Mapping
from datetime import datetime

from functions.common.secrets import (
    NOT_SET,
    SecretNotSetError,
    SecretUnavailableError,
    SecretVersion,
)
from tests.builders import NOON


class FakeSecrets:
    """Returns *values* and *previous* by name; set `error` to make every read fail."""

    def __init__(
        self, values: Mapping[str, str], *, previous: Mapping[str, str] | None = None
    ) -> None:
        self._values = dict(values)
        self._previous = dict(previous or {})
        self._puts: dict[str, tuple[int, datetime]] = {}
        self.error: SecretUnavailableError | None = None

    def put(self, name: str, value: str, *, at: datetime = NOON) -> None:
        """Rotate the secret as a person does."""
        if name in self._values:
            self._previous[name] = self._values[name]
        self._values[name] = value
        number, _ = self._puts.get(name, (1, NOON))
        self._puts[name] = (number + 1, at)

    def current(self, name: str) -> str:
        if self.error:
            raise self.error
        if name not in self._values:
            raise SecretUnavailableError(name)
        value = self._values[name].strip()
        if value in {"", NOT_SET}:
            raise SecretNotSetError(name)
        return value

    def renewed(self, name: str) -> str:
        return self.current(name)

    def previous(self, name: str) -> str | None:
        if self.error:
            raise self.error
        return self._previous.get(name, "").strip() or None

    def version(self, name: str) -> SecretVersion:
        number, at = self._puts.get(name, (1, NOON))
        return SecretVersion(id=f"{name}-{number}", value=self.current(name), created_at=at)

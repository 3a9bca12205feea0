"""`Secrets` from a dictionary."""

from collections.abc import Mapping

from functions.common.secrets import SecretUnavailableError


class FakeSecrets:
    """Returns *values* and *previous* by name; set `error` to make every read fail."""

    def __init__(
        self, values: Mapping[str, str], *, previous: Mapping[str, str] | None = None
    ) -> None:
        self._values = values
        self._previous = previous or {}
        self.error: SecretUnavailableError | None = None

    def current(self, name: str) -> str:
        if self.error:
            raise self.error
        if name not in self._values:
            raise SecretUnavailableError(name)
        if not (value := self._values[name].strip()):
            raise SecretUnavailableError(name)
        return value

    def renewed(self, name: str) -> str:
        return self.current(name)

    def previous(self, name: str) -> str | None:
        if self.error:
            raise self.error
        return self._previous.get(name, "").strip() or None

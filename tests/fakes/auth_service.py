"""`AuthService` that knows the keys it is created with."""

from collections.abc import Mapping

from functions.authorizer.auth_service import KeyOwner
from functions.authorizer.bearer import KeyRefusedError


class FakeAuthService:
    """`asked` has (key, address) of every call; set `error` to make every call fail."""

    def __init__(self, owners: Mapping[str, KeyOwner]) -> None:
        self._owners = owners
        self.asked: list[tuple[str, str | None]] = []
        self.error: Exception | None = None

    def owner_of(self, key: str, *, client_ip: str | None) -> KeyOwner:
        self.asked.append((key, client_ip))
        if self.error:
            raise self.error
        if key not in self._owners:
            raise KeyRefusedError("unknown")
        return self._owners[key]

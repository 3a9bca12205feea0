"""Models that are registered before the first test, for tests that come later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from tests.e2e.support.chat_models import NEW_MODEL
from tests.e2e.support.doubling_model import register_version
from tests.e2e.support.logged_models import LoggedModels
from tests.e2e.support.registered_models import RegisteredVersion

TABLE_MODEL = "modèle"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredEarly:
    """Versions that are coming up, or are live.

    Attributes:
        chat: Name and version of a chat model by MLflow's name of its class.
    """

    table: RegisteredVersion
    chat: Mapping[str, tuple[str, str]]

    @classmethod
    def register(cls, logged: LoggedModels) -> Self:
        """Register all of them."""
        names = {kind: f"{kind}-{uuid4().hex[:6]}" for kind in NEW_MODEL}
        return cls(
            table=logged.table.register(TABLE_MODEL),
            chat={kind: (n, register_version(n, logged.chat[kind])) for kind, n in names.items()},
        )

"""Credentials for MLflow: the content of one secret."""

import os
from base64 import b64encode
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from functions.common.secrets import SecretUnavailableError, header_value

USERNAME, PASSWORD, TOKEN = (
    f"MLFLOW_TRACKING_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN")
)
"""Variables that MLflow's client reads."""

type _Line = Annotated[str, StringConstraints(strip_whitespace=True)]


class Credentials(BaseModel):
    """Content of the secret; all empty for a server that asks for none."""

    model_config = ConfigDict(extra="forbid")

    username: _Line = ""
    password: _Line = ""
    token: _Line = ""

    @classmethod
    def from_secret(cls, text: str, *, name: str) -> Self:
        """Read the secret called *name*.

        Raises: SecretUnavailableError (no such JSON, or what a header cannot carry), without the
        parser's own message, which can quote the text.
        """
        try:
            credentials = cls.model_validate_json(text)
        except ValidationError:
            raise SecretUnavailableError(
                f'The secret {name} is not JSON of the form {{}}, {{"username": …, "password": …}} '
                'or {"token": …}.'
            ) from None
        header_value(credentials.token, name=name)
        if not (credentials.username + credentials.password).isprintable():
            # They travel in base64, so any letter will do.
            raise SecretUnavailableError(f"The secret {name} holds control characters.")
        return credentials


def credentials_in_use() -> tuple[str, ...]:
    """Return what MLflow's client sends now, also as it writes it into a header."""
    username, password, token = (os.environ.get(name, "") for name in (USERNAME, PASSWORD, TOKEN))
    basic = b64encode(f"{username}:{password}".encode()).decode() if password else ""
    return password, basic, token

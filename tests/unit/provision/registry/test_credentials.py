"""Credentials for MLflow: what a secret may hold, and that nothing of it is quoted."""

import json
import traceback

import pytest

from functions.common.secrets import SecretUnavailableError
from functions.provision.registry.credentials import Credentials


@pytest.mark.parametrize(
    "secret",
    [
        "hunter2",
        "",
        '{"pass": "hunter2"}',
        '{"hunter2": 1}',
        '["hunter2"]',
        '{"token": {"hunter2": "hunter2"}}',
        '{"token": "hunter2\\r\\nX: y"}',
        '{"token": "hunter2\\u0000"}',
        '{"token": "hunter2é"}',
        '{"username": "u", "password": "hunter2\\u0000"}',
        json.dumps({"token": "hunter2" * 2_000}),
    ],
)
def test_unusable_credentials_are_named_and_not_quoted(secret: str) -> None:
    """The error is logged, with whatever led to it."""
    with pytest.raises(SecretUnavailableError, match="mlflow/credentials") as raised:
        Credentials.from_secret(secret, name="mlflow/credentials")

    assert "hunter2" not in "".join(traceback.format_exception(raised.value))


def test_white_space_around_credentials_is_removed() -> None:
    """They are easily stored with the ends of their lines."""
    read = Credentials.from_secret(
        '{\n "username": " u\\n", "password": "pä ss\\r\\n"\n}', name="mlflow"
    )

    assert ("u", "pä ss", "") == (read.username, read.password, read.token)

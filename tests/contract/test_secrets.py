"""The fake secrets and Secrets Manager's (moto) behave the same."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.common.secrets import (
    ASKED_AGAIN_AFTER_S,
    MAX_AGE_S,
    STALE_FOR_S,
    Secrets,
    SecretsManagerSecrets,
    SecretUnavailableError,
)
from tests.aws_failures import FAILURES
from tests.fakes.secrets import FakeSecrets


@pytest.fixture(params=["fake", "secretsmanager"])
def secrets(request: pytest.FixtureRequest) -> Iterator[Secrets]:
    """Two secrets: `fresh` was never rotated, `rotated` once."""
    if request.param == "fake":
        yield FakeSecrets({"fresh": "a", "rotated": "new"}, previous={"rotated": "old"})
        return
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        client.create_secret(Name="fresh", SecretString="a")
        client.create_secret(Name="rotated", SecretString="old")
        client.put_secret_value(SecretId="rotated", SecretString="new")
        yield SecretsManagerSecrets()


def test_both_values_of_a_rotated_secret_are_known(secrets: Secrets) -> None:
    """In either order of reading, which a cache by name alone would confuse."""
    assert ("new", "old") == (secrets.current("rotated"), secrets.previous("rotated"))
    assert ("old", "new") == (secrets.previous("rotated"), secrets.current("rotated"))


def test_a_fresh_secret_has_no_predecessor(secrets: Secrets) -> None:
    """The previous value is None, not an error."""
    assert ("a", None) == (secrets.current("fresh"), secrets.previous("fresh"))


def test_a_refreshed_secret_is_the_current_one(secrets: Secrets) -> None:
    """Later reads return the new value."""
    assert ("new", "new") == (secrets.renewed("rotated"), secrets.current("rotated"))


def test_an_unknown_secret_cannot_be_refreshed(secrets: Secrets) -> None:
    """The error names it."""
    with pytest.raises(SecretUnavailableError, match="nowhere"):
        secrets.renewed("nowhere")


def test_a_cached_secret_is_refreshed_at_most_so_often() -> None:
    """A wrong secret would otherwise be read again with every call."""
    now = [0.0]
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        client.create_secret(Name="token", SecretString="1")
        secrets = SecretsManagerSecrets(monotonic=lambda: now[0])
        read = [secrets.current("token")]
        for second in (0, 29, 30):
            client.put_secret_value(SecretId="token", SecretString=f"of second {second}")
            now[0] = second
            read += [secrets.current("token"), secrets.renewed("token")]

    first, later, last = "of second 0", "of second 0", "of second 30"
    assert ["1", "1", first, first, later, later, last] == read


def test_an_unknown_secret_is_unavailable(secrets: Secrets) -> None:
    """The error names it."""
    with pytest.raises(SecretUnavailableError, match="nowhere"):
        secrets.current("nowhere")


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_secret_is_used_on_while_secrets_manager_does_not_answer(error: Exception) -> None:
    """For a quarter of an hour, in which it is asked once in ten seconds."""
    now, asked = [0.0], []

    def fail(**_request: object) -> None:
        asked.append(now[0])
        raise error

    with mock_aws():
        client: Any = boto3.client("secretsmanager", region_name="us-east-1")
        client.create_secret(Name="token", SecretString="1")
        secrets = SecretsManagerSecrets(client, monotonic=lambda: now[0])
        secrets.current("token")
        client.meta.events.register("before-parameter-build.secretsmanager", fail)

        read = set()
        while now[0] < STALE_FOR_S - 1:
            now[0] += 1
            read.add(secrets.current("token"))
        assert ({"1"}, list(range(MAX_AGE_S, STALE_FOR_S, ASKED_AGAIN_AFTER_S))) == (read, asked)
        with pytest.raises(SecretUnavailableError):
            secrets.renewed("token")
        now[0] += 1
        with pytest.raises(SecretUnavailableError):
            secrets.current("token")
        client.meta.events.unregister("before-parameter-build.secretsmanager", fail)
        assert "1" == secrets.current("token")

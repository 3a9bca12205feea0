"""The fake secrets and Secrets Manager's (moto) behave the same."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.common.secrets import Secrets, SecretsManagerSecrets, SecretUnavailableError
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

"""The fake secrets and Secrets Manager (moto) keep the same promises."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.common.secrets import Secrets, SecretsManagerSecrets, SecretUnavailableError
from tests.fakes.secrets import FakeSecrets


@pytest.fixture(params=["fake", "secretsmanager"])
def secrets(request: pytest.FixtureRequest) -> Iterator[Secrets]:
    """`fresh` was never rotated, `rotated` once."""
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
    """In either order of asking, which a cache by name alone would mix up."""
    assert ("new", "old") == (secrets.current("rotated"), secrets.previous("rotated"))
    assert ("old", "new") == (secrets.previous("rotated"), secrets.current("rotated"))


def test_a_fresh_secret_has_no_predecessor(secrets: Secrets) -> None:
    """None, not an error."""
    assert ("a", None) == (secrets.current("fresh"), secrets.previous("fresh"))


def test_an_unknown_secret_is_unavailable(secrets: Secrets) -> None:
    """The error names it."""
    with pytest.raises(SecretUnavailableError, match="nowhere"):
        secrets.current("nowhere")

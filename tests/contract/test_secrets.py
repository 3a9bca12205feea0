"""The fake secrets and Secrets Manager's (moto) behave the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from functions.common.secrets import (
    ASKED_AGAIN_AFTER_S,
    MAX_AGE_S,
    NOT_SET,
    STALE_FOR_S,
    SecretNotSetError,
    Secrets,
    SecretsManagerSecrets,
    SecretUnavailableError,
    SecretVersions,
    blotted,
    header_value,
)
from tests.aws_failures import FAILURES
from tests.fakes.secrets import FakeSecrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient


class BothPorts(Secrets, SecretVersions, Protocol):
    """What an adapter of secrets is."""


@pytest.fixture(params=["fake", "secretsmanager"])
def secrets(request: pytest.FixtureRequest) -> Iterator[BothPorts]:
    """`fresh` was never rotated, `rotated` once; `spaced` has white space around it; `blank` and
    `placeholder` were never filled."""
    if request.param == "fake":
        made = FakeSecrets(
            {
                "fresh": "a",
                "rotated": "old",
                "spaced": " a b\r\n",
                "blank": " \n",
                "placeholder": NOT_SET,
            },
            previous={"spaced": "\told\n"},
        )
        made.put("rotated", "new")
        yield made
        return
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        client.create_secret(Name="fresh", SecretString="a")
        client.create_secret(Name="rotated", SecretString="old")
        client.put_secret_value(SecretId="rotated", SecretString="new")
        client.create_secret(Name="spaced", SecretString="\told\n")
        client.put_secret_value(SecretId="spaced", SecretString=" a b\r\n")
        client.create_secret(Name="placeholder", SecretString=NOT_SET)
        client.create_secret(Name="blank", SecretString=" \n")
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


def test_white_space_around_a_secret_is_removed(secrets: Secrets) -> None:
    """Also from the previous value: a file or a terminal adds the end of a line."""
    assert ("a b", "a b", "old") == (
        secrets.current("spaced"),
        secrets.renewed("spaced"),
        secrets.previous("spaced"),
    )


@contextmanager
def counted_reads() -> Iterator[tuple[SecretsManagerSecrets, "SecretsManagerClient", list[Any]]]:
    """Yield secrets, their client, and the parameters of every read so far."""
    reads: list[Any] = []
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        secrets = SecretsManagerSecrets(client)
        client.meta.events.register(
            "before-call.secretsmanager.GetSecretValue",
            lambda params, **_: reads.append(json.loads(params["body"])),
        )
        yield secrets, client, reads


def test_that_there_is_no_previous_value_is_remembered() -> None:
    """Until the first rotation, each forged delivery would cost a read otherwise."""
    with counted_reads() as (secrets, client, reads):
        client.create_secret(Name="webhook", SecretString="a")
        found = [(secrets.current("webhook"), secrets.previous("webhook")) for _ in range(100)]

    assert [("a", None)] * 100 == found
    assert 2 == len(reads)


def test_a_rotation_ends_the_memory_of_the_previous_value() -> None:
    """MLflow goes on signing with the replaced secret, which must be accepted at once."""
    with counted_reads() as (secrets, client, _):
        client.create_secret(Name="webhook", SecretString="a")
        assert ("a", None) == (secrets.current("webhook"), secrets.previous("webhook"))
        client.put_secret_value(SecretId="webhook", SecretString="b")
        assert ("a", None) == (secrets.current("webhook"), secrets.previous("webhook"))
        assert ("b", "a") == (secrets.renewed("webhook"), secrets.previous("webhook"))


@pytest.mark.parametrize(("stored", "read"), [(b"token\n", "token"), (b"\xff\xfe", None)])
def test_a_binary_secret_is_its_text(stored: bytes, read: str | None) -> None:
    """The command line of AWS stores a file as binary; what is no text is refused."""
    with counted_reads() as (secrets, client, _):
        client.create_secret(Name="file", SecretBinary=stored)
        if read is None:
            with pytest.raises(SecretUnavailableError, match="file"):
                secrets.current("file")
        else:
            assert read == secrets.current("file")


@given(st.text(max_size=50))
def test_what_a_header_cannot_carry_is_refused_without_quoting(text: str) -> None:
    """Whatever passes is taken by HTTP libraries."""
    secret = f"CANARY{text}"
    if text.isascii() and text.isprintable():
        connection = HTTPConnection("127.0.0.1", 9)
        connection.putrequest("GET", "/")
        connection.putheader("Authorization", f"Bearer {header_value(secret, name='token')}")
    else:
        with pytest.raises(SecretUnavailableError) as raised:
            header_value(secret, name="token")
        assert "CANARY" not in str(raised.value)


@pytest.mark.parametrize("length", range(1, 30))
def test_a_secret_is_blotted_out_of_anothers_message(length: int) -> None:
    """Wherever the message was cut."""
    message = "Bad token hf_0123456789abcdefghij"[: 10 + length]

    blotted_message = blotted(f"hf_0123456789abcdefghij {message}", "hf_0123456789abcdefghij", None)

    assert "hf_012" not in blotted_message
    assert blotted_message.startswith("… Bad token ")


@pytest.mark.parametrize("name", ["placeholder", "blank"])
def test_a_secret_that_nobody_has_filled_is_not_set(secrets: BothPorts, name: str) -> None:
    """The error names it, and is one that can be waited for."""
    for read in (secrets.current, secrets.renewed, secrets.version):
        with pytest.raises(SecretNotSetError, match=name):
            read(name)


def test_a_version_identifies_its_value(secrets: BothPorts) -> None:
    """The same until the secret is rotated; its time is aware, its value not shown."""
    first = secrets.version("rotated")

    assert ("new", first) == (first.value, secrets.version("rotated"))
    assert first.created_at.utcoffset() is not None
    assert "new" not in repr(first).replace(first.id, "")


def test_a_rotation_makes_another_version() -> None:
    """Seen at once, whatever is cached."""
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        client.create_secret(Name="webhook", SecretString="1")
        secrets = SecretsManagerSecrets()
        assert "1" == secrets.current("webhook")
        first = secrets.version("webhook")
        client.put_secret_value(SecretId="webhook", SecretString="2")

        second = secrets.version("webhook")

    assert ("1", "2") == (first.value, second.value)
    assert first.id != second.id


def test_the_version_of_an_unknown_secret_is_unavailable(secrets: BothPorts) -> None:
    """The error names it."""
    with pytest.raises(SecretUnavailableError, match="nowhere"):
        secrets.version("nowhere")

"""The token: sent to trusted addresses only, read again when it is refused, never quoted."""

import pytest

from functions.common.deadline import Deadline
from functions.common.errors import (
    ProviderDeniedError,
    ProviderError,
)
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.secrets import SecretUnavailableError
from tests.builders import a_live_deployment, body_of
from tests.faults.scripts import answers
from tests.unit.common.providers.local_endpoint import (
    BODY,
    TOKEN,
    LocalEndpoint,
    accepting_token,
    an_endpoint,
)


def test_an_invalid_token_is_not_quoted(local_endpoint: LocalEndpoint) -> None:
    """Neither in the error nor in its cause."""
    with pytest.raises(ProviderError) as raised:
        local_endpoint.invoke(token=f"{TOKEN}\r\nX: y")
    assert (None, True) == (raised.value.__cause__, raised.value.__suppress_context__)
    assert TOKEN not in raised.value.detail


def test_a_redirect_is_not_followed(local_endpoint: LocalEndpoint) -> None:
    """The token would go wherever it points."""
    local_endpoint.endpoint.script = answers(
        307, Location=f"{local_endpoint.endpoint.url}/elsewhere"
    )

    with pytest.raises(ProviderError):
        local_endpoint.invoke()
    assert 1 == local_endpoint.endpoint.connections


@pytest.mark.parametrize(
    "url",
    [
        "http://a.endpoints.huggingface.cloud",
        "https://endpoints.huggingface.cloud.evil.example",
        "https://evilendpoints.huggingface.cloud",
        "https://user@evil.example/endpoints.huggingface.cloud",
        "https://evil.example\\@a.endpoints.huggingface.cloud",
        "https://evil.example#a.endpoints.huggingface.cloud",
        "https://[::1/a.endpoints.huggingface.cloud",
        "https://a.endpoints.huggingface.cloud:port",
        "https://ä.endpoints.huggingface.cloud",
        "http://127.0.0.1:9",
        "ftp://a.endpoints.huggingface.cloud",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_is_not_sent_to_other_addresses(url: str) -> None:
    """Whatever URL the record has; the token is not even read."""

    def token() -> str:
        raise AssertionError("read")

    far = HuggingFaceInference(endpoint_domain="endpoints.huggingface.cloud", token=token)

    with pytest.raises(ProviderError, match="not trusted"):
        far.invoke(a_live_deployment(endpoint_url=url), body_of(BODY), deadline=Deadline.after(1))
    with pytest.raises(ProviderError, match="not trusted"):
        far.healthy(an_endpoint(url))


@pytest.mark.parametrize("status", [401, 403])
def test_a_rotated_token_works_at_once(local_endpoint: LocalEndpoint, status: int) -> None:
    """The cached token is refused, so the current one is read and sent."""
    local_endpoint.endpoint.script = accepting_token("new", refusal=status)

    assert [1] == local_endpoint.invoke(token="old", renewed=lambda: "new").values
    assert 2 == len(local_endpoint.endpoint.requests)


def test_an_unchanged_token_is_not_sent_again(local_endpoint: LocalEndpoint) -> None:
    """It would be refused again."""
    local_endpoint.endpoint.script = accepting_token("new")

    with pytest.raises(ProviderDeniedError):
        local_endpoint.invoke(token="old", renewed=lambda: "old")
    assert 1 == len(local_endpoint.endpoint.requests)


def test_two_refused_tokens_are_an_error(local_endpoint: LocalEndpoint) -> None:
    """There is no third attempt."""
    local_endpoint.endpoint.script = accepting_token("another")

    with pytest.raises(ProviderDeniedError) as raised:
        local_endpoint.invoke(token="old", renewed=lambda: "new")
    assert 2 == len(local_endpoint.endpoint.requests)
    assert not raised.value.retryable


def test_a_token_that_cannot_be_refreshed_stays_refused(
    local_endpoint: LocalEndpoint,
) -> None:
    """The error is the refusal."""

    def renewed() -> str:
        raise SecretUnavailableError("token")

    local_endpoint.endpoint.script = accepting_token("new")

    with pytest.raises(ProviderDeniedError):
        local_endpoint.invoke(renewed=renewed)

"""A prediction that is repeated with the same `Idempotency-Key` is computed once.

Given a live model, when a caller sends the same call twice with one key, then the second answer is
the first one and the endpoint is called once. Another caller's equal key is independent, and a key
that was used for another body is refused. A call that was refused leaves its key free.
"""

import pytest

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key_with_scopes
from tests.e2e.support.canaries import idempotency_key
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.registered_models import RegisteredVersion

MODEL = "iris classifier"
URL = f"models/{MODEL}/predict"


@pytest.fixture
def endpoint(operator: ApiClient, documented: dict[str, RegisteredVersion]) -> str:  # noqa: ARG001 - is live
    """Name of the model's endpoint."""
    serving = operator.serving_deployment(MODEL)
    assert serving is not None
    (name,) = operator.endpoints_of(serving)
    return name


def test_a_repeated_call_is_answered_without_the_provider(
    system: LocalSystem,
    client: ApiClient,
    provider: ProviderConsole,
    documented: dict[str, RegisteredVersion],
    endpoint: str,
) -> None:
    """The answer is the first one, marked as replayed; another caller gets a new one."""
    key = {"Idempotency-Key": idempotency_key()}
    body = documented[MODEL].body
    first = client.http.post(URL, json=body, headers=key)
    calls_before = len(provider.calls(endpoint))

    second = client.http.post(URL, json=body, headers=key)

    assert (200, first.json()) == (second.status_code, second.json())
    assert "Idempotency-Replayed" not in first.headers
    assert "true" == second.headers["Idempotency-Replayed"]
    assert calls_before == len(provider.calls(endpoint))
    with ApiClient(system, key=new_key_with_scopes(system)) as other_caller:
        other = other_caller.http.post(URL, json=body, headers=key)
    assert first.json()["timestamp"] != other.json()["timestamp"]


def test_a_key_that_was_used_for_another_body_is_refused(
    client: ApiClient, documented: dict[str, RegisteredVersion]
) -> None:
    """The answer is 400 and not the other body's predictions."""
    key = {"Idempotency-Key": idempotency_key()}
    body = documented[MODEL].body
    client.http.post(URL, json=body, headers=key).raise_for_status()

    answer = client.http.post(URL, json={"inputs": body["inputs"][:1]}, headers=key)

    assert (400, "invalid_request") == (answer.status_code, answer.json()["code"])


def test_a_call_that_was_refused_leaves_its_key_free(
    client: ApiClient, documented: dict[str, RegisteredVersion]
) -> None:
    """The caller mends the body and sends it with the same key."""
    key = {"Idempotency-Key": idempotency_key()}

    refused = client.http.post(URL, json={"inputs": "no numbers"}, headers=key)
    answer = client.http.post(URL, json=documented[MODEL].body, headers=key)

    assert (422, 200) == (refused.status_code, answer.status_code)
    assert "Idempotency-Replayed" not in answer.headers

"""Calls that carry an `Idempotency-Key`, and what else an answer's headers say."""

from uuid import uuid4

import pytest

from infra.local.system import LocalSystem
from tests.e2e.client import Client, key_with
from tests.e2e.models import Registered
from tests.e2e.provider import Provider

MODEL = "iris classifier"


@pytest.fixture
def endpoint(operator: Client, documented: dict[str, Registered]) -> str:  # noqa: ARG001 - is live
    """Of the model that is called."""
    serving = operator.serving(MODEL)
    assert serving is not None
    (name,) = operator.endpoints_of(serving)
    return name


def test_a_repeated_call_is_answered_without_the_provider(
    system: LocalSystem,
    client: Client,
    provider: Provider,
    documented: dict[str, Registered],
    endpoint: str,
) -> None:
    """With the very answer of the first; another caller's key of the same name is another's."""
    key = {"Idempotency-Key": uuid4().hex}
    url, body = f"models/{MODEL}/predict", documented[MODEL].body
    first = client.http.post(url, json=body, headers=key)
    asked = len(provider.calls(endpoint))

    second = client.http.post(url, json=body, headers=key)

    assert (200, first.json()) == (second.status_code, second.json())
    assert (None, "true") == tuple(
        each.headers.get("Idempotency-Replayed") for each in (first, second)
    )
    assert asked == len(provider.calls(endpoint))
    with Client(system, key=key_with(system)) as other:
        others = other.http.post(url, json=body, headers=key)
    assert first.json()["timestamp"] != others.json()["timestamp"]


def test_the_key_of_another_body_is_refused(
    client: Client, documented: dict[str, Registered]
) -> None:
    """The caller has made a mistake, and hears of it."""
    key = {"Idempotency-Key": uuid4().hex}
    url, body = f"models/{MODEL}/predict", documented[MODEL].body
    client.http.post(url, json=body, headers=key).raise_for_status()

    answer = client.http.post(url, json={"inputs": body["inputs"][:1]}, headers=key)

    assert (400, "invalid_request") == (answer.status_code, answer.json()["code"])


def test_an_answer_says_what_it_was_and_how_long_it_took(
    client: Client, documented: dict[str, Registered]
) -> None:
    """The caller's own id is kept."""
    sent = {"X-Request-Id": "order-4711.a_b"}

    answer = client.http.post(f"models/{MODEL}/predict", json=documented[MODEL].body, headers=sent)

    assert "order-4711.a_b" == answer.headers["X-Request-Id"]
    assert "order-4711.a_b" == answer.json()["metadata"]["request_id"]
    steps = [step.partition(";")[0] for step in answer.headers["Server-Timing"].split(", ")]
    assert ["auth", "lookup", "provider", "total"] == steps
    assert "no-store" == answer.headers["Cache-Control"]

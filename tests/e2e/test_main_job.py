"""Register a model in MLflow, call its API."""

from uuid import uuid4

import httpx
import pytest

from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e import models
from tests.e2e.client import Client

REMOVAL_TIMEOUT_S = 120


@pytest.mark.parametrize("name", ["iris classifier", "greeter", "modèle"])
def test_a_registered_model_predicts_as_it_does_itself(
    client: Client, documented: dict[str, models.Registered], name: str
) -> None:
    """A classifier of tensors, a PythonModel with params, a table of named columns; also with a
    name that needs percent-encoding."""
    registered = documented.get(name) or models.register_table_model(name)
    deployment = client.wait_until_live(name, registered.version)

    answer = client.predict(name, registered.body)

    assert 200 == answer.status_code, answer.text
    assert registered.predictions == answer.json()["predictions"]
    assert (name, registered.version) == (answer.json()["model_id"], answer.json()["model_version"])
    assert deployment["id"] == answer.json()["metadata"]["deployment_id"]


def test_a_new_version_replaces_the_old_without_a_failed_request(client: Client) -> None:
    """While a client calls in a loop; the first endpoint is gone afterwards, the second stays."""
    name = f"iris-{uuid4().hex[:8]}"
    first = models.register_classifier(name, seed=1)
    old = client.wait_until_live(name, first.version)
    second = models.register_classifier(name, seed=2)
    assert "2" == second.version
    seen: list[str] = []

    def old_endpoint_is_gone() -> bool:
        answer = client.predict(name, first.body)
        assert 200 == answer.status_code, answer.text
        version = answer.json()["model_version"]
        assert {"1": first, "2": second}[version].predictions == answer.json()["predictions"]
        seen.append(version)
        return not client.endpoints_of(old)

    assert wait_for(old_endpoint_is_gone, timeout_s=300)
    assert {"1", "2"} == set(seen)
    assert sorted(seen) == seen
    new = client.wait_until_live(name, second.version)
    assert 1 == len(client.endpoints_of(new))
    assert ("stopped", "Replaced by version 2.") == (
        client.wait_until_ended(name, "1")["status"],
        client.wait_until_ended(name, "1")["reason"],
    )


def test_a_model_that_cannot_start_fails_with_the_reason(client: Client) -> None:
    """Its endpoint is deleted, and what served before goes on serving."""
    name = f"iris-{uuid4().hex[:8]}"
    good = models.register_classifier(name)
    client.wait_until_live(name, good.version)
    version = models.register_broken(name)

    failed = client.wait_until_ended(name, version)

    assert "failed" == failed["status"]
    assert "the weights are missing" in failed["reason"]
    assert wait_for(lambda: not client.endpoints_of(failed), timeout_s=REMOVAL_TIMEOUT_S)
    assert good.predictions == client.predict(name, good.body).json()["predictions"]


def test_an_unknown_model_is_404(client: Client) -> None:
    """With the code that says so."""
    answer = client.predict("no-such-model", {"inputs": [1]})

    assert (404, "model_not_found") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("key", ["hk_test_" + "f" * 32, "not-a-key", ""])
def test_a_wrong_key_is_401(system: LocalSystem, key: str) -> None:
    """Also none at all; the answer names the scheme."""
    with Client(system, key=key) as stranger:
        answer = stranger.predict("any", {"inputs": [1]})

    assert (401, "unauthorized") == (answer.status_code, answer.json()["code"])
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert "Bearer" == answer.headers["WWW-Authenticate"]


def test_an_auth_service_that_is_down_is_503(system: LocalSystem) -> None:
    """A key that was not checked before: nothing is said about it."""
    key = "hk_test_" + uuid4().hex
    admin_api = f"{system.auth_url}/_standin"
    httpx.post(f"{admin_api}/keys", json={"key": key}).raise_for_status()
    httpx.post(f"{admin_api}/outage", json={"kind": "status", "times": 1}).raise_for_status()

    with Client(system, key=key) as caller:
        answer = caller.predict("no-such-model", {"inputs": [1]})

    assert (503, "auth_unavailable") == (answer.status_code, answer.json()["code"])
    assert answer.json()["retryable"]
    assert str(answer.json()["retry_after_s"]) == answer.headers["Retry-After"]


def test_an_unknown_route_is_a_problem_too(client: Client) -> None:
    """API Gateway's own answers have the same form."""
    answer = client.http.get("nothing/here")

    assert (404, "not_found") == (answer.status_code, answer.json()["code"])

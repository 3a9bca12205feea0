"""MLflow's webhook starts a deployment once, and only if the delivery is genuine.

Given the webhook's public address, when MLflow delivers the event of a new version twice, then one
deployment is made. When it delivers another event of the version that is live, then that goes on
serving. When a delivery is forged or malformed, then it is refused and starts nothing.
When an administrator tests the webhook in MLflow, then the test succeeds and deploys nothing.
"""

import json
from typing import Any
from uuid import uuid4

from mlflow import MlflowClient

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.webhook_delivery import deliver, version_created_event


def test_the_same_delivery_twice_is_one_deployment(system: LocalSystem, client: ApiClient) -> None:
    """Both answers are equal; a version that MLflow does not know is stopped with that reason."""
    name = f"ghost-{uuid4().hex[:8]}"
    body = version_created_event(name)

    first, second = deliver(system, body), deliver(system, body)

    assert (202, 202) == (first.status_code, second.status_code)
    assert first.json() == second.json()
    ended = client.wait_until_ended(name, "1")
    assert first.json()["deployment_id"] == ended["id"]
    assert "stopped" == ended["status"]
    assert "MLflow does not know" in ended["reason"]
    assert 1 == len(client.http.get(f"models/{name}").json()["deployments"])


def test_a_later_event_about_the_live_version_changes_nothing(
    system: LocalSystem, client: ApiClient, model: str, live: dict[str, Any]
) -> None:
    """The deployment that serves goes on, and the new one says why it stopped."""
    answer = deliver(system, version_created_event(model, live["model_version"]))

    assert 202 == answer.status_code
    assert live["id"] != answer.json()["deployment_id"]
    stopped = client.wait_until_ended(model, live["model_version"])
    assert answer.json()["deployment_id"] == stopped["id"]
    assert ("stopped", "This version is live already.") == (stopped["status"], stopped["reason"])
    assert live["id"] == (client.serving_deployment(model) or {})["id"]


def test_a_forged_delivery_is_401(system: LocalSystem, client: ApiClient) -> None:
    """A delivery signed with another secret starts nothing."""
    name = f"forged-{uuid4().hex[:8]}"

    answer = deliver(system, version_created_event(name), secret="guessed")

    assert (401, "unauthorized") == (answer.status_code, answer.json()["code"])
    assert 404 == client.http.get(f"models/{name}").status_code


def test_a_malformed_delivery_is_400(system: LocalSystem) -> None:
    """A body that is not JSON is refused although its signature is valid."""
    answer = deliver(system, b"{")

    assert 400 == answer.status_code


def test_mlflows_own_test_is_ignored(system: LocalSystem, client: ApiClient) -> None:
    """It is answered with 200 and deploys nothing."""
    mlflow_client = MlflowClient(system.mlflow_url)
    webhook = mlflow_client.list_webhooks()[0]

    result = mlflow_client.test_webhook(webhook.webhook_id)

    assert (True, 200) == (result.success, result.response_status)
    assert "ignored" == json.loads(result.response_body or "")["status"]
    assert 404 == client.http.get("models/example_model").status_code

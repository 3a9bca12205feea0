"""MLflow's webhook over HTTP, signed as MLflow signs it and as others try."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from mlflow import MlflowClient

from infra.local.system import LocalSystem
from tests.e2e.client import Client


def deliver(
    system: LocalSystem, body: bytes, *, secret: str | None = None, delivery_id: str = "d-1"
) -> httpx.Response:
    """One signed delivery."""
    timestamp = str(int(time.time()))
    signed = b".".join([delivery_id.encode(), timestamp.encode(), body])
    key = (secret or system.webhook_secret).encode()
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery_id,
        "X-MLflow-Timestamp": timestamp,
        "X-MLflow-Signature": f"v1,{signature}",
    }
    return httpx.post(system.webhook_url, content=body, headers=headers, timeout=35)


def created(name: str) -> bytes:
    """The event of a version that MLflow does not have."""
    data: dict[str, Any] = {"name": name, "version": "1", "source": "models:/m-0", "run_id": None}
    event = {"entity": "model_version", "action": "created", "data": data}
    return json.dumps(event | {"timestamp": datetime.now(UTC).isoformat()}).encode()


def test_the_same_delivery_twice_is_one_deployment(system: LocalSystem, client: Client) -> None:
    """Same answer; and a version that MLflow does not know ends with that reason."""
    name = f"ghost-{uuid4().hex[:8]}"
    body = created(name)

    first, second = deliver(system, body), deliver(system, body)

    assert (202, 202) == (first.status_code, second.status_code)
    assert first.json() == second.json()
    ended = client.wait_until_ended(name, "1")
    assert first.json()["deployment_id"] == ended["id"]
    assert "stopped" == ended["status"]
    assert "MLflow does not know" in ended["reason"]
    assert 1 == len(client.http.get(f"models/{name}").json()["deployments"])


def test_a_forged_delivery_is_401(system: LocalSystem, client: Client) -> None:
    """And starts nothing."""
    name = f"forged-{uuid4().hex[:8]}"

    answer = deliver(system, created(name), secret="guessed")

    assert (401, "unauthorized") == (answer.status_code, answer.json()["code"])
    assert 404 == client.http.get(f"models/{name}").status_code


def test_a_malformed_delivery_is_400(system: LocalSystem) -> None:
    """However well it is signed."""
    assert 400 == deliver(system, b"{").status_code


def test_mlflows_own_test_is_ignored(system: LocalSystem, client: Client) -> None:
    """It is answered with 200 and deploys nothing."""
    mlflow_client = MlflowClient(system.mlflow_url)
    webhook = mlflow_client.list_webhooks()[0]

    result = mlflow_client.test_webhook(webhook.webhook_id)

    assert (True, 200) == (result.success, result.response_status)
    assert "ignored" == json.loads(result.response_body or "")["status"]
    assert 404 == client.http.get("models/example_model").status_code

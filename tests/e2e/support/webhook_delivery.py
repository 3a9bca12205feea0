"""Webhook deliveries as MLflow sends them, for tests that send their own."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from infra.local.system import LocalSystem
from tests.e2e.support import canaries
from tests.e2e.support.api_client import remember


def deliver(
    system: LocalSystem, body: bytes, *, secret: str | None = None, delivery_id: str = "d-1"
) -> httpx.Response:
    """Post *body* to the webhook, signed with *secret*; None: with the right one."""
    timestamp = str(int(time.time()))
    signed = b".".join([delivery_id.encode(), timestamp.encode(), body])
    key = (secret or system.webhook_secret).encode()
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    headers = canaries.HEADERS | {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery_id,
        "X-MLflow-Timestamp": timestamp,
        "X-MLflow-Signature": f"v1,{signature}",
    }
    answer = httpx.post(system.webhook_url, content=body, headers=headers, timeout=35)
    remember(answer)
    return answer


def version_created_event(model: str, version: str = "1") -> bytes:
    """Return the event of a new version of *model*, which MLflow itself did not send."""
    data: dict[str, Any] = {"name": model, "version": version, "source": "models:/m-0"}
    data |= {"run_id": None, "description": canaries.DELIVERY, "tags": {"x": canaries.DELIVERY}}
    event = {"entity": "model_version", "action": "created", "data": data}
    return json.dumps(event | {"timestamp": datetime.now(UTC).isoformat()}).encode()

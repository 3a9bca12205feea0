"""No key, token, secret or caller's data appears in any log.

Given a live model, when callers send good, refused, malformed and forged requests that carry known
markers, then no log of the functions, the API, the workflow or the local processes has any of them.
The deployment's id, which must be logged, is found: the search works.
"""

import gzip
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e.support import registered_models
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.webhook_delivery import deliver, version_created_event


def test_no_key_token_or_secret_in_any_log(system: LocalSystem, client: ApiClient) -> None:
    """Send every kind of request, then search every log for every secret and marker."""
    name = f"iris-{uuid4().hex[:8]}"
    stranger_key = "hk_test_" + uuid4().hex
    registered = registered_models.register_classifier(name)
    deployment = client.wait_until_live(name, registered.version)
    assert client.predict(name, registered.body).is_success
    assert client.predict(name, {"inputs": "marker-in-a-body"}).is_client_error
    _send_marked_requests(client, name)
    with ApiClient(system, key=stranger_key) as stranger:
        assert 401 == stranger.predict(name, registered.body).status_code
    assert 401 == deliver(system, version_created_event(name), secret="guessed-secret").status_code

    secrets = {
        "API key": system.api_key,
        "refused API key": stranger_key,
        "Hugging Face token": system.huggingface_token,
        **system.service_tokens,
        "webhook secret": system.webhook_secret,
        "guessed webhook secret": "guessed-secret",
        "caller's input": "marker-in-a-body",
        "caller's header": "marker-in-a-header",
        "caller's idempotency key": "marker-as-a-key",
        **_endpoint_secrets(system),
    }
    logs = dict(_every_log(system))

    found = [
        f"{what} in {source}"
        for source, text in logs.items()
        for what, secret in secrets.items()
        if secret in text
    ]
    assert [] == found
    assert [source for source, text in logs.items() if deployment["id"] in text]


def _send_marked_requests(client: ApiClient, name: str) -> None:
    """Send markers in headers, in a compressed body, and beside a second `Authorization` header."""
    headers = {"Cookie": "marker-in-a-header", "User-Agent": "marker-in-a-header"}
    headers |= {"Content-Type": "application/json", "Idempotency-Key": "marker-as-a-key"}
    compressed = gzip.compress(b'{"inputs": "marker-in-a-body"}')
    address = f"models/{name}/predict"
    body: dict[str, Any] = {
        "content": compressed,
        "headers": headers | {"Content-Encoding": "gzip"},
    }
    assert 422 == client.http.post(address, **body).status_code
    for kind in ("Content-Type", "Content-Encoding"):
        other = headers | {kind: "marker-in-a-header"}
        assert 415 == client.http.post(address, content=b"{}", headers=other).status_code
    keys = [("Authorization", client.http.headers["Authorization"])] * 2
    assert 401 == client.http.get(address.removesuffix("/predict"), headers=keys).status_code


def _endpoint_secrets(system: LocalSystem) -> dict[str, str]:
    """Return the secret of every deployment's endpoint, from the table."""
    table = aws_client("dynamodb", system.aws_url)
    items = table.scan(TableName="deployed_models_local")["Items"]
    found = {
        f"secret of {item['id']['S']}": item["endpoint_secret"]["S"]
        for item in items
        if "endpoint_secret" in item
    }
    assert found
    return found


def _every_log(system: LocalSystem) -> Iterator[tuple[str, str]]:
    """Yield name and text of every log: in CloudWatch, and of every local process."""
    yield from _cloudwatch_logs(system)
    files = [path for path in system.state.rglob("*.log") if path.is_file()]
    assert files
    for path in files:
        yield str(path.relative_to(system.state)), path.read_text(errors="replace")


def _cloudwatch_logs(system: LocalSystem) -> Iterator[tuple[str, str]]:
    logs: Any = aws_client("logs", system.aws_url)
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    assert any("Predict" in group for group in groups), groups
    for group in groups:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        yield group, "\n".join(event["message"] for page in pages for event in page["events"])

"""Whichever layer refuses: one form, one id, the right code; and few questions about a key."""

import gzip
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local.system import LocalSystem
from tests.e2e.client import Client

BODY = b'{"inputs": [1]}'
GZIP = {"Content-Encoding": "gzip"}
LET_IN = (404, "model_not_found")


def a_key(system: LocalSystem, **rule: Any) -> str:
    """A new one, which auth.hokus.ai answers by *rule*."""
    key = "hk_test_" + uuid4().hex
    rule = {"key": key, **rule}
    httpx.post(f"{system.auth_url}/_standin/keys", json=rule).raise_for_status()
    return key


def check(answer: httpx.Response, status: int, code: str) -> None:
    """The form of every error."""
    assert (status, code) == (answer.status_code, answer.json()["code"]), answer.text
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
    wait = answer.json().get("retry_after_s")
    assert (None if wait is None else str(wait)) == answer.headers.get("Retry-After")


@pytest.fixture
def anybody(system: LocalSystem) -> Iterator[Client]:
    """Without a key."""
    with Client(system, key="") as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "models/iris/predict", "POST"),
        ("PUT", "models/iris/predict", "POST"),
        ("POST", "models/iris", "GET"),
        ("PATCH", "models/iris/deployments", "DELETE, POST"),
        ("OPTIONS", "models", "GET"),
        ("GET", "webhooks/mlflow", "POST"),
        ("TRACE", "health", "GET"),
    ],
)
def test_another_method_is_told_which_there_are(
    anybody: Client, method: str, path: str, allowed: str
) -> None:
    """With or without a key."""
    answer = anybody.http.request(method, path)

    check(answer, 405, "method_not_allowed")
    assert allowed == answer.headers["Allow"]


@pytest.mark.parametrize("path", ["nothing", "models/iris/nothing", "webhooks", "models/a/b/c/d"])
def test_another_address_is_not_found(client: Client, anybody: Client, path: str) -> None:
    """A good key makes no difference."""
    for caller in (client, anybody):
        check(caller.http.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("rule", "status", "code", "retry_after"),
    [
        ({"status": 401}, 401, "unauthorized", None),
        ({"answer": {"has_sufficient_balance": False}}, 402, "insufficient_balance", None),
        ({"status": 429}, 429, "rate_limited", "60"),
        ({"status": 500}, 503, "auth_unavailable", "5"),
        ({}, 404, "model_not_found", None),
    ],
)
def test_keys_are_told_apart(
    system: LocalSystem, rule: dict[str, Any], status: int, code: str, retry_after: str | None
) -> None:
    """As the service answers; the last one is good, and there is no such model."""
    with Client(system, key=a_key(system, **rule)) as caller:
        answer = caller.predict("unknown", {"inputs": [1]})

    check(answer, status, code)
    assert retry_after == answer.headers.get("Retry-After")


def test_a_key_that_may_only_predict_changes_nothing(client: Client) -> None:
    """It needs a write scope for that."""
    check(client.undeploy("unknown"), 403, "forbidden")


@pytest.mark.parametrize(
    "header", ["", "Basic aGs6aGs=", "hk_test_" + "a" * 32, "Bearer sk_live_" + "a" * 32]
)
def test_what_is_no_key_is_refused(anybody: Client, header: str) -> None:
    """By API Gateway or the authorizer."""
    headers = {"Authorization": header} if header else {}
    answer = anybody.http.get("models", headers=headers)

    check(answer, 401, "unauthorized")
    assert "Bearer" == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (BODY, {"Content-Type": "application/json; charset=UTF-8"}, *LET_IN),
        (gzip.compress(BODY), GZIP, *LET_IN),
        (gzip.compress(BODY)[:-5], GZIP, 400, "invalid_request"),
        (gzip.compress(bytes(7_000_000)), GZIP, 413, "payload_too_large"),
        (b'{"inputs": "%b"}' % (b"x" * 6_000_000), {}, 413, "payload_too_large"),
        (BODY, {"Content-Encoding": "br"}, 415, "unsupported_media_type"),
        (BODY, {"Content-Type": "text/csv"}, 415, "unsupported_media_type"),
    ],
)
def test_bodies_arrive_as_they_were_sent(
    client: Client, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """Compressed or not; what is good gets as far as to the model's name."""
    sent = {"Content-Type": "application/json", **headers}

    check(client.http.post("models/unknown/predict", content=content, headers=sent), status, code)


def test_the_callers_id_is_kept(client: Client) -> None:
    """And is in the body."""
    answer = client.http.get("models/unknown", headers={"X-Request-Id": "mine-1.2_3"})

    check(answer, 404, "model_not_found")
    assert "mine-1.2_3" == answer.json()["request_id"]
    assert answer.headers["Server-Timing"].startswith("auth;dur=")

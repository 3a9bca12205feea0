"""Every refused request is answered in one form, whichever layer refuses it.

Given a caller with a wrong key, address, method or body, when API Gateway, the authorizer or a
function refuses the request, then the answer is a problem document with the right status and code,
a request id, and `Retry-After` where a retry helps. A key that cannot be checked is 503, not 401.
"""

import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key

BODY = b'{"inputs": [1]}'
GZIP = {"Content-Encoding": "gzip"}
ADMITTED = (404, "model_not_found")
"""A request that passes every check; its model does not exist."""


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """Check what all errors have in common: media type, headers, id and `Retry-After`."""
    assert (status, code) == (answer.status_code, answer.json()["code"]), answer.text
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
    retry_after_s = answer.json().get("retry_after_s")
    expected = None if retry_after_s is None else str(retry_after_s)
    assert expected == answer.headers.get("Retry-After")


@pytest.fixture
def anonymous(system: LocalSystem) -> Iterator[ApiClient]:
    """A caller without a key."""
    with ApiClient(system, key="") as client:
        yield client


@pytest.mark.parametrize("path", ["nothing", "models/iris/nothing", "webhooks", "models/a/b/c/d"])
def test_an_unknown_address_is_404(client: ApiClient, anonymous: ApiClient, path: str) -> None:
    """With a valid key and without one."""
    for caller in (client, anonymous):
        assert_problem(caller.http.get(path), 404, "not_found")


def test_an_unknown_route_is_a_problem_too(client: ApiClient) -> None:
    """API Gateway's own answers have the code of ours."""
    answer = client.http.get("nothing/here")

    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "models/iris/predict", "POST"),
        ("PUT", "models/iris/predict", "POST"),
        ("POST", "models/iris", "GET"),
        ("PATCH", "models/iris/deployments", "DELETE, POST"),
        ("OPTIONS", "models", "GET"),
    ],
)
def test_a_wrong_method_is_405_with_the_allowed_ones(
    client: ApiClient, anonymous: ApiClient, method: str, path: str, allowed: str
) -> None:
    """For a key; without one it is 401, for which no function runs."""
    answer = client.http.request(method, path)

    assert_problem(answer, 405, "method_not_allowed")
    assert allowed == answer.headers["Allow"]
    assert_problem(anonymous.http.request(method, path), 401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "webhooks/mlflow", "POST"),
        ("TRACE", "health", "GET"),
        ("HEAD", "docs", "GET"),
        ("PUT", "openapi.json", "GET"),
    ],
)
def test_a_wrong_method_of_an_open_address_is_405(
    anonymous: ApiClient, method: str, path: str, allowed: str
) -> None:
    """API Gateway answers by itself. MiniStack does not fill in the request's id."""
    answer = anonymous.http.request(method, path)

    assert (405, allowed) == (answer.status_code, answer.headers["Allow"])
    assert "application/problem+json" == answer.headers["Content-Type"]
    if method != "HEAD":
        assert "method_not_allowed" == answer.json()["code"]


@pytest.mark.parametrize(
    "header", ["", "Basic aGs6aGs=", "hk_test_" + "a" * 32, "Bearer sk_live_" + "a" * 32]
)
def test_a_header_without_a_key_is_401(anonymous: ApiClient, header: str) -> None:
    """No header, another scheme, no scheme, and a token that has not the form of a key."""
    headers = {"Authorization": header} if header else {}

    answer = anonymous.http.get("models", headers=headers)

    assert_problem(answer, 401, "unauthorized")
    assert "Bearer" == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("key", ["hk_test_" + "f" * 32, "not-a-key", ""])
def test_a_prediction_with_a_wrong_key_is_401(system: LocalSystem, key: str) -> None:
    """An unknown key, a malformed one and none; the answer names the scheme."""
    with ApiClient(system, key=key) as stranger:
        answer = stranger.predict("any", {"inputs": [1]})

    assert (401, "unauthorized") == (answer.status_code, answer.json()["code"])
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert "Bearer" == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("rule", "status", "code", "retry_after"),
    [
        ({"status": 401}, 401, "unauthorized", None),
        ({"answer": {"has_sufficient_balance": False}}, 402, "insufficient_balance", None),
        ({"status": 429}, 429, "rate_limited", "60"),
        ({"status": 500}, 503, "auth_unavailable", "5"),
        ({}, *ADMITTED, None),
    ],
)
def test_each_answer_of_the_auth_service_has_its_status(
    system: LocalSystem, rule: dict[str, Any], status: int, code: str, retry_after: str | None
) -> None:
    """Refused, no balance, rate limited, failing; the last key is valid."""
    with ApiClient(system, key=new_key(system, **rule)) as caller:
        answer = caller.predict("unknown", {"inputs": [1]})

    assert_problem(answer, status, code)
    assert retry_after == answer.headers.get("Retry-After")


def test_an_auth_service_that_is_down_is_503(system: LocalSystem) -> None:
    """A valid key that was not checked before is neither accepted nor called wrong."""
    key = new_key(system)
    httpx.post(f"{system.auth_url}/_standin/outage", json={"times": 1}).raise_for_status()

    with ApiClient(system, key=key) as caller:
        answer = caller.predict("no-such-model", {"inputs": [1]})

    assert (503, "auth_unavailable") == (answer.status_code, answer.json()["code"])
    assert answer.json()["retryable"]
    assert str(answer.json()["retry_after_s"]) == answer.headers["Retry-After"]


def test_a_key_without_a_write_scope_is_403(client: ApiClient) -> None:
    """Undeploying needs a write scope."""
    answer = client.undeploy("unknown")

    assert_problem(answer, 403, "forbidden")


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (BODY, {"Content-Type": "application/json; charset=UTF-8"}, *ADMITTED),
        (gzip.compress(BODY), GZIP, *ADMITTED),
        (gzip.compress(BODY)[:-5], GZIP, 400, "invalid_request"),
        (gzip.compress(bytes(5_000_000)), GZIP, 413, "payload_too_large"),
        (b'{"inputs": "%b"}' % (b"x" * 4_000_000), {}, 413, "payload_too_large"),
        (BODY, {"Content-Encoding": "br"}, 415, "unsupported_media_type"),
        (BODY, {"Content-Type": "text/csv"}, 415, "unsupported_media_type"),
    ],
)
def test_a_body_is_refused_for_its_size_and_encoding(
    client: ApiClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """Plain and gzip JSON are admitted; damaged, too large or of another kind is refused."""
    sent = {"Content-Type": "application/json", **headers}

    answer = client.http.post("models/unknown/predict", content=content, headers=sent)

    assert_problem(answer, status, code)


def test_an_unknown_model_is_404(client: ApiClient) -> None:
    """A prediction gets the code of the missing model, not of the address."""
    answer = client.predict("no-such-model", {"inputs": [1]})

    assert (404, "model_not_found") == (answer.status_code, answer.json()["code"])


def test_a_refusal_carries_the_callers_id(client: ApiClient) -> None:
    """The id that the caller sent is in the body, and the timings are in a header."""
    answer = client.http.get("models/unknown", headers={"X-Request-Id": "mine-1.2_3"})

    assert_problem(answer, 404, "model_not_found")
    assert "mine-1.2_3" == answer.json()["request_id"]
    assert answer.headers["Server-Timing"].startswith("auth;dur=")

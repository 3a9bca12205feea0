"""The stand-in for auth.hokus.ai answers as the real service does."""

import logging
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from standins.auth.app import create_app

KEY = "hk_test_" + "a" * 32


async def no_wait(_seconds: float) -> None:
    """Return at once, in place of `asyncio.sleep`."""


@pytest.fixture
def service() -> TestClient:
    """The stand-in, with one valid key."""
    return TestClient(create_app([KEY], sleep=no_wait))


def validate(
    service: TestClient, key: str | None = KEY, body: dict[str, Any] | None = None
) -> httpx2.Response:
    """Validate *key* as the platform's clients do."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    question = {"service_id": "platform", "client_ip": "203.0.113.7"} if body is None else body
    return service.post("/api/v1/keys/validate", json=question, headers=headers)


def test_a_valid_key_is_described(service: TestClient) -> None:
    """The ids are made from the key's hash, so they are the same after a restart."""
    answer = validate(service)

    assert 200 == answer.status_code
    assert validate(TestClient(create_app([KEY]))).json() == answer.json()
    assert {
        "service_id": "platform",
        "rate_limit_per_hour": 1000,
        "is_admin": False,
        "has_sufficient_balance": True,
        "balance": 12.5,
    }.items() <= answer.json().items()
    assert {"user_id", "key_id", "scopes", "email", "roles"} <= answer.json().keys()


@pytest.mark.parametrize(
    ("key", "body", "status", "detail"),
    [
        ("hk_test_wrong", None, 401, "Invalid or expired API key"),
        (KEY, {"service_id": "other"}, 401, "Invalid or expired API key"),
        (None, None, 401, "API key required"),
        (None, {"service_id": "platform", "api_key": KEY}, 401, "API key required"),
    ],
)
def test_an_invalid_key_is_401(
    service: TestClient, key: str | None, body: dict[str, Any] | None, status: int, detail: str
) -> None:
    """So is a key in the body instead of the header, or for another service."""
    answer = validate(service, key, body)

    assert (status, {"detail": detail}) == (answer.status_code, answer.json())


def test_a_validation_needs_the_service_id(service: TestClient) -> None:
    """Without service_id the answer is 422."""
    assert 422 == validate(service, body={"client_ip": "203.0.113.7"}).status_code


def test_a_rule_changes_the_answer_for_a_key(service: TestClient) -> None:
    """A rule can set and remove fields, for a new key or a known one."""
    rule = {"key": "hk_dev_b", "answer": {"has_sufficient_balance": False}, "without": ["scopes"]}
    service.post("/_standin/keys", json=rule)

    answer = validate(service, "hk_dev_b").json()

    assert False is answer["has_sufficient_balance"]
    assert "scopes" not in answer


@pytest.mark.parametrize("status", [401, 429])
def test_a_key_can_be_revoked_or_limited(service: TestClient, status: int) -> None:
    """A reset makes it valid again."""
    service.post("/_standin/keys", json={"key": KEY, "status": status})
    bad = validate(service).status_code
    service.post("/_standin/reset")

    assert [status, 200] == [bad, validate(service).status_code]


def test_a_key_can_be_bound_to_addresses(service: TestClient) -> None:
    """From another address it is invalid."""
    service.post("/_standin/keys", json={"key": KEY, "client_ips": ["198.51.100.1"]})
    here = {"service_id": "platform", "client_ip": "198.51.100.1"}

    assert [401, 200] == [validate(service).status_code, validate(service, body=here).status_code]


@pytest.mark.parametrize(
    ("outage", "status"), [({"status": 500}, 500), ({"kind": "silence"}, 503), ({}, 503)]
)
def test_the_service_can_be_down(service: TestClient, outage: dict[str, Any], status: int) -> None:
    """For a given number of validations."""
    service.post("/_standin/outage", json={**outage, "times": 1})

    assert [status, 200] == [validate(service).status_code, validate(service).status_code]


def test_the_service_can_answer_nonsense(service: TestClient) -> None:
    """Status 200 with a body that is not an object."""
    service.post("/_standin/outage", json={"kind": "not_an_object"})

    answer = validate(service)

    assert 200 == answer.status_code
    assert not isinstance(answer.json(), dict)


def test_validations_are_counted_without_keys(
    service: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The count and the log have the hash of a key only."""
    caplog.set_level(logging.DEBUG)
    validate(service)
    validate(service, "hk_test_wrong")
    validate(service, None)

    answer = service.get("/_standin/requests")
    asked = answer.json()["requests"]

    assert [200, 401, 401] == [one["status"] for one in asked]
    assert [12, 12] == [len(one["key"]) for one in asked[:2]]
    assert asked[2]["key"] is None
    assert "203.0.113.7" == asked[0]["client_ip"]
    assert "hk_test_" not in answer.text + caplog.text

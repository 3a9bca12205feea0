"""The stand-in for auth.hokus.ai answers as the real service does."""

import logging
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from standins.auth.app import create_app

KEY = "hk_test_" + "a" * 32


@pytest.fixture
def service() -> TestClient:
    """The stand-in, with one valid key."""
    return TestClient(create_app([KEY]))


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
    """Fields of the usual answer can be changed."""
    rule = {"key": "hk_dev_b", "answer": {"has_sufficient_balance": False}}
    service.post("/_standin/keys", json=rule)

    answer = validate(service, "hk_dev_b").json()

    assert False is answer["has_sufficient_balance"]


@pytest.mark.parametrize("status", [401, 429])
def test_a_key_can_be_revoked_or_limited(service: TestClient, status: int) -> None:
    """A later rule for the same key replaces the earlier one."""
    service.post("/_standin/keys", json={"key": KEY, "status": status})
    bad = validate(service).status_code
    service.post("/_standin/keys", json={"key": KEY})

    assert [status, 200] == [bad, validate(service).status_code]


def test_a_key_can_be_bound_to_addresses(service: TestClient) -> None:
    """From another address it is invalid."""
    service.post("/_standin/keys", json={"key": KEY, "client_ips": ["198.51.100.1"]})
    here = {"service_id": "platform", "client_ip": "198.51.100.1"}

    assert [401, 200] == [validate(service).status_code, validate(service, body=here).status_code]


@pytest.mark.parametrize(("outage", "status"), [({"status": 500}, 500), ({}, 503)])
def test_the_service_can_be_down(service: TestClient, outage: dict[str, Any], status: int) -> None:
    """For a given number of validations."""
    service.post("/_standin/outage", json={**outage, "times": 1})

    assert [status, 200] == [validate(service).status_code, validate(service).status_code]


def test_the_log_holds_no_key(service: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """It has the hash of a key only."""
    caplog.set_level(logging.DEBUG)
    validate(service)
    validate(service, "hk_test_wrong")
    validate(service, None)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("standins")]
    assert ["200", "401", "401"] == [line.rpartition(" ")[2] for line in ours]
    assert "hk_test_" not in caplog.text

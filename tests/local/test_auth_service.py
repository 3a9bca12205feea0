"""The stand-in of auth.hokus.ai answers what the real service is known to answer."""

import logging
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from standins.auth.app import create_app

KEY = "hk_test_" + "a" * 32


async def no_wait(_seconds: float) -> None:
    """Time that does not pass."""


@pytest.fixture
def service() -> TestClient:
    """The stand-in, which knows one key."""
    return TestClient(create_app([KEY], sleep=no_wait))


def validate(
    service: TestClient, key: str | None = KEY, body: dict[str, Any] | None = None
) -> httpx2.Response:
    """Ask for *key* as the platform's clients do."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    question = {"service_id": "platform", "client_ip": "203.0.113.7"} if body is None else body
    return service.post("/api/v1/keys/validate", json=question, headers=headers)


def test_a_good_key_is_described(service: TestClient) -> None:
    """The same at every start, since it is made from the key's hash."""
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
def test_a_bad_key_is_401(
    service: TestClient, key: str | None, body: dict[str, Any] | None, status: int, detail: str
) -> None:
    """Also one in the body instead of the header, or for another service."""
    answer = validate(service, key, body)

    assert (status, {"detail": detail}) == (answer.status_code, answer.json())


def test_a_question_needs_the_service(service: TestClient) -> None:
    """422 without service_id."""
    assert 422 == validate(service, body={"client_ip": "203.0.113.7"}).status_code


def test_answers_can_be_ordered(service: TestClient) -> None:
    """Fields changed and left out, for a key old or new."""
    rule = {"key": "hk_dev_b", "answer": {"has_sufficient_balance": False}, "without": ["scopes"]}
    service.post("/_standin/keys", json=rule)

    answer = validate(service, "hk_dev_b").json()

    assert False is answer["has_sufficient_balance"]
    assert "scopes" not in answer


@pytest.mark.parametrize("status", [401, 429])
def test_a_key_can_be_revoked_or_limited(service: TestClient, status: int) -> None:
    """And is good again after a reset."""
    service.post("/_standin/keys", json={"key": KEY, "status": status})
    bad = validate(service).status_code
    service.post("/_standin/reset")

    assert [status, 200] == [bad, validate(service).status_code]


def test_a_key_can_be_bound_to_addresses(service: TestClient) -> None:
    """From elsewhere it is a bad key."""
    service.post("/_standin/keys", json={"key": KEY, "client_ips": ["198.51.100.1"]})
    here = {"service_id": "platform", "client_ip": "198.51.100.1"}

    assert [401, 200] == [validate(service).status_code, validate(service, body=here).status_code]


@pytest.mark.parametrize(
    ("outage", "status"), [({"status": 500}, 500), ({"kind": "silence"}, 503), ({}, 503)]
)
def test_the_service_can_be_down(service: TestClient, outage: dict[str, Any], status: int) -> None:
    """For as many validations as ordered."""
    service.post("/_standin/outage", json={**outage, "times": 1})

    assert [status, 200] == [validate(service).status_code, validate(service).status_code]


def test_the_service_can_talk_nonsense(service: TestClient) -> None:
    """200 with a body that is not an object."""
    service.post("/_standin/outage", json={"kind": "not_an_object"})

    answer = validate(service)

    assert 200 == answer.status_code
    assert not isinstance(answer.json(), dict)


def test_validations_are_counted_without_keys(
    service: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Keys are told apart by their hash, here and in the log."""
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

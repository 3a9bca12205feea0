"""Requests to the stand-in are counted, and leave no secret in the log."""

import logging

import pytest

from tests.local.stand_in import TOKEN, StandIn, create_body

ENDPOINTS = "/v2/endpoint/alice"


def test_requests_are_counted(stand_in: StandIn) -> None:
    """By method and path, with their status; admin routes are not."""
    stand_in.http.post(ENDPOINTS, json=create_body())
    stand_in.http.post(ENDPOINTS, json=create_body())
    stand_in.http.get(f"{ENDPOINTS}/m1")

    posts = stand_in.http.get("/_standin/requests?method=POST&path=^/v2/").json()
    everything = stand_in.http.get("/_standin/requests").json()

    assert [200, 409] == [one["status"] for one in posts["requests"]]
    assert (2, 3) == (posts["count"], everything["count"])


@pytest.mark.parametrize("route", ["starts", "tokens"])
def test_a_misspelt_field_is_refused(stand_in: StandIn, route: str) -> None:
    """Rather than doing nothing."""
    assert 422 == stand_in.http.post(f"/_standin/{route}", json={"tims": 3}).status_code


def test_the_log_holds_no_secret(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """Neither tokens nor an endpoint's secrets, also where a request is refused."""
    caplog.set_level(logging.DEBUG)
    stand_in.create(secrets={"S": "very-secret"})
    stand_in.http.post(ENDPOINTS, json=create_body("m2", secrets={"S": ["very-secret"]}))
    stand_in.http.get(ENDPOINTS, headers={"authorization": "Bearer hf_wrong"})

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("standins")]
    assert 3 == len(ours)
    assert not any(secret in caplog.text for secret in ("very-secret", TOKEN, "hf_wrong"))


def test_every_answer_has_a_request_id(stand_in: StandIn) -> None:
    """Errors too."""
    assert stand_in.http.get(f"{ENDPOINTS}/none").headers["x-request-id"]

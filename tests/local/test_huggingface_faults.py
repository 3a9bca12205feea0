"""Faults ordered through the stand-in's admin API, and the count of its requests."""

import logging
from typing import Any

import pytest

from standins.huggingface.faults import ConnectionDroppedError
from tests.local.stand_in import TOKEN, StandIn, create_body

ENDPOINTS = "/v2/endpoint/alice"


def order(stand_in: StandIn, **fault: Any) -> None:
    """Order a fault."""
    assert 204 == stand_in.http.post("/_standin/faults", json=fault).status_code


def test_a_fault_hits_the_next_matching_requests(stand_in: StandIn) -> None:
    """It skips the given number of requests, then hits the given number."""
    order(
        stand_in,
        method="GET",
        path="^/v2/",
        skip=1,
        times=2,
        status=429,
        body={"error": "slow down"},
        headers={"RateLimit": '"api";r=0;t=1'},
    )

    other = stand_in.http.get("/api/whoami-v2").status_code
    answers = [stand_in.http.get(ENDPOINTS) for _ in range(4)]

    assert [200, 200, 429, 429, 200] == [other, *(one.status_code for one in answers)]
    assert {"error": "slow down"} == answers[1].json()
    assert '"api";r=0;t=1' == answers[1].headers["ratelimit"]


@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["m1"])])
def test_a_connection_is_dropped(stand_in: StandIn, when: str, done: list[str]) -> None:
    """Dropped before the work nothing has happened, dropped after it everything has."""
    order(stand_in, method="POST", path=f"^{ENDPOINTS}$", drop=when)

    with pytest.raises(ConnectionDroppedError):
        stand_in.http.post(ENDPOINTS, json=create_body())

    names = [one["name"] for one in stand_in.http.get(ENDPOINTS).json()["items"]]
    assert done == names


def test_a_delayed_request_is_answered_as_usual(stand_in: StandIn) -> None:
    """The answer is the usual one, after the delay."""
    before = stand_in.clock.now_ns
    order(stand_in, delay_s=1.5)

    answer = stand_in.http.get(ENDPOINTS)

    assert 200 == answer.status_code
    assert 1_500_000_000 == stand_in.clock.now_ns - before


def test_requests_are_counted(stand_in: StandIn) -> None:
    """By method and path, with their status, without the admin routes."""
    stand_in.http.post(ENDPOINTS, json=create_body())
    stand_in.http.post(ENDPOINTS, json=create_body())
    stand_in.http.get(f"{ENDPOINTS}/m1")

    posts = stand_in.http.get("/_standin/requests?method=POST&path=^/v2/").json()
    everything = stand_in.http.get("/_standin/requests").json()

    assert [200, 409] == [one["status"] for one in posts["requests"]]
    assert (2, 3) == (posts["count"], everything["count"])


def test_a_reset_clears_faults_requests_and_timing(stand_in: StandIn) -> None:
    """Endpoints too, if asked for."""
    order(stand_in, status=500)
    stand_in.http.post("/_standin/tempo", json={"create_status": 202})
    stand_in.http.post("/_standin/reset")
    created = stand_in.http.post(ENDPOINTS, json=create_body()).status_code
    stand_in.http.post("/_standin/reset", json={"endpoints": True})
    stand_in.clock.advance(1)

    assert 200 == created
    assert [] == stand_in.http.get("/_standin/endpoints").json()["endpoints"]


@pytest.mark.parametrize("route", ["faults", "starts", "tempo", "tokens"])
def test_a_misspelt_order_is_refused(stand_in: StandIn, route: str) -> None:
    """It is not ignored silently."""
    assert 422 == stand_in.http.post(f"/_standin/{route}", json={"tims": 3}).status_code


def test_the_log_holds_no_secret(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """Neither tokens nor endpoints' secrets, also if a request is refused."""
    caplog.set_level(logging.DEBUG)
    stand_in.create(secrets={"S": "very-secret"})
    stand_in.http.post(ENDPOINTS, json=create_body("m2", secrets={"S": ["very-secret"]}))
    stand_in.http.get(ENDPOINTS, headers={"authorization": "Bearer hf_wrong"})

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("standins")]
    assert 3 == len(ours)
    assert not any(secret in caplog.text for secret in ("very-secret", TOKEN, "hf_wrong"))

"""The stand-in's proxy checks the token, then the endpoint's state, then calls the container."""

import httpx
import pytest

from tests.local.stand_in import STARTUP_S, StandIn, create_body

ONE = "/v2/endpoint/alice/m1"
COLD = {"error": "503 Service Unavailable", "code": "SERVICE_UNAVAILABLE"}


def test_the_containers_answer_is_passed_through(stand_in: StandIn) -> None:
    """Method, path, query, body and status are unchanged; the token is not passed on."""
    url, seen = stand_in.running()["status"]["url"], []

    def container(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(418, json={"short": "stout"}, headers={"x-model": "iris"})

    stand_in.container = container
    answer = stand_in.http.post(f"{url}/a%2Fb?c=d", content=b"body")

    assert (418, {"short": "stout"}) == (answer.status_code, answer.json())
    assert "iris" == answer.headers["x-model"]
    assert ("POST", b"/a%2Fb?c=d", b"body") == (
        seen[0].method,
        seen[0].url.raw_path,
        seen[0].content,
    )
    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize("state", ["running", "initializing", "paused", "asleep", "unknown"])
def test_without_a_token_every_state_is_401(stand_in: StandIn, state: str) -> None:
    """On /health too, and it wakes no endpoint."""
    url = stand_in.running()["status"]["url"]
    match state:
        case "initializing" | "paused":
            stand_in.http.post(f"{ONE}/pause")
        case "asleep":
            stand_in.http.post(f"{ONE}/scale-to-zero")
        case "unknown":
            url = "/endpoints/abcdefgh12345678"
    if state == "initializing":
        stand_in.http.post(f"{ONE}/resume")
    before = stand_in.state()

    answer = stand_in.http.get(f"{url}/health", headers={"authorization": "Bearer wrong"})

    assert 401 == answer.status_code
    assert {"error": "401 Unauthorized", "code": "UNAUTHORIZED"} == answer.json()
    assert before == stand_in.state()


def test_a_token_needs_the_permission_to_infer(stand_in: StandIn) -> None:
    """The 403 names the permission."""
    url = stand_in.running()["status"]["url"]
    stand_in.http.post(
        "/_standin/tokens", json={"token": "hf_x", "name": "alice", "permissions": []}
    )

    answer = stand_in.http.post(url, headers={"authorization": "Bearer hf_x"})

    assert 403 == answer.status_code
    assert "missing permissions: inference.endpoints.infer.write" == answer.json()["error"]


@pytest.mark.parametrize(
    ("type_", "stranger", "nobody"),
    [("public", 200, 200), ("authenticated", 200, 401), ("private", 403, 401)],
)
def test_the_type_decides_who_may_call(
    stand_in: StandIn, type_: str, stranger: int, nobody: int
) -> None:
    """Any account may call `authenticated`, only the owner's accounts `private`."""
    stand_in.http.post("/_standin/tokens", json={"token": "hf_bob", "name": "bob"})
    stand_in.http.post("/v2/endpoint/alice", json={**create_body(), "type": type_})
    stand_in.clock.advance(STARTUP_S)
    url = stand_in.shown()["status"]["url"]

    as_bob = stand_in.http.post(url, headers={"authorization": "Bearer hf_bob"})
    as_nobody = stand_in.http.post(url, headers={"authorization": ""})

    assert (stranger, nobody) == (as_bob.status_code, as_nobody.status_code)


def test_a_starting_endpoint_is_503_at_once(stand_in: StandIn) -> None:
    """With the documented body and without Retry-After."""
    stand_in.create()
    stand_in.clock.advance(STARTUP_S / 2)

    answer = stand_in.http.post(stand_in.shown()["status"]["url"], json={})

    assert (503, COLD) == (answer.status_code, answer.json())
    assert "retry-after" not in answer.headers


def test_a_paused_endpoint_is_400_and_stays_paused(stand_in: StandIn) -> None:
    """Only the body's code distinguishes it from a caller's error."""
    url = stand_in.running()["status"]["url"]
    stand_in.http.post(f"{ONE}/pause")

    answer = stand_in.http.post(url, json={})

    assert 400 == answer.status_code
    assert {
        "error": "Bad Request: The endpoint is paused, ask a maintainer to restart it",
        "code": "BAD_REQUEST",
    } == answer.json()
    assert "paused" == stand_in.state()


def test_a_request_wakes_a_sleeping_endpoint(stand_in: StandIn) -> None:
    """The first request is 503 at once; after the start the next one is answered."""
    url = stand_in.running()["status"]["url"]
    stand_in.http.post(f"{ONE}/scale-to-zero")

    first, state = stand_in.http.post(url, json={}), stand_in.state()
    stand_in.clock.advance(STARTUP_S)

    assert (503, "initializing") == (first.status_code, state)
    assert 200 == stand_in.http.post(url, json={}).status_code


def test_a_container_that_dies_in_mid_request_is_502(stand_in: StandIn) -> None:
    """The proxy continues to work."""
    url = stand_in.running()["status"]["url"]

    def container(_request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("gone")

    stand_in.container = container

    assert 502 == stand_in.http.post(url, json={}).status_code


def test_a_deleted_endpoint_answers_no_more(stand_in: StandIn) -> None:
    """It is 503 during the deletion, then its address is unknown."""
    url = stand_in.running()["status"]["url"]
    stand_in.http.delete(ONE)
    deleting = stand_in.http.post(url, json={})
    stand_in.clock.advance(1)

    assert [503, 404] == [deleting.status_code, stand_in.http.post(url, json={}).status_code]


def test_a_running_endpoint_can_be_unhealthy(stand_in: StandIn) -> None:
    """Forever, if a start plan says so; only the health route is affected."""
    stand_in.http.post("/_standin/starts", json={"health_status": 500})
    status = stand_in.running()["status"]
    stand_in.clock.advance(600)

    health = stand_in.http.get(f"{status['url']}/health")
    prediction = stand_in.http.post(status["url"], json={})

    assert ("running", 1) == (stand_in.state(), status["readyReplica"])
    assert (500, "Internal Server Error") == (health.status_code, health.text)
    assert (200, {}) == (prediction.status_code, prediction.json())

"""Endpoints of the stand-in change with time, by their owner, and with their container."""

from typing import Any

import pytest

from standins.huggingface.endpoint import EndpointPhase
from tests.local.stand_in import STARTUP_S, StandIn, create_body

ONE = "/v2/endpoint/alice/m1"
MINUTE_S = 60


def test_an_endpoint_starts_in_three_states(stand_in: StandIn) -> None:
    """Pending without an address, initializing with one, running after the start-up time."""
    stand_in.create()
    seen = []
    for _ in range(5):
        status = stand_in.shown()["status"]
        seen.append((status["state"], status["url"] is not None, status["readyReplica"]))
        stand_in.clock.advance(STARTUP_S / 4)

    initializing = ("initializing", True, 0)
    assert [
        ("pending", False, 0),
        initializing,
        initializing,
        initializing,
        ("running", True, 1),
    ] == seen


def test_the_time_of_the_first_readiness_is_listed(stand_in: StandIn) -> None:
    """By when it happened, not by when somebody looked; a later start does not change it."""
    stand_in.running()
    stand_in.http.post(f"{ONE}/pause")
    stand_in.http.post(f"{ONE}/resume")
    stand_in.clock.advance(10 * MINUTE_S)
    stand_in.state()

    (listed,) = stand_in.http.get("/_standin/endpoints").json()["endpoints"]

    assert ("m1", "running") == (listed["name"], listed["state"])
    took_s = listed["ready_at_unix_s"] - listed["created_at_unix_s"]
    assert STARTUP_S == pytest.approx(took_s)


def test_an_endpoint_that_starts_is_not_ready(stand_in: StandIn) -> None:
    """Its time is null."""
    stand_in.create()

    (listed,) = stand_in.http.get("/_standin/endpoints").json()["endpoints"]

    assert listed["ready_at_unix_s"] is None


def test_an_endpoint_runs_when_its_container_is_healthy(stand_in: StandIn) -> None:
    """The start-up time alone is not enough."""
    stand_in.launcher.starts_as = EndpointPhase.STARTING
    waiting = stand_in.running()["status"]["state"]
    stand_in.launcher.containers[0].phase = EndpointPhase.HEALTHY

    assert ["initializing", "running"] == [waiting, stand_in.state()]


@pytest.mark.parametrize("when", ["while starting", "later"])
def test_a_container_that_exits_is_a_failure(stand_in: StandIn, when: str) -> None:
    """The message has the exit code and the last lines of the log."""
    stand_in.launcher.starts_as = (
        EndpointPhase.STARTING if when == "while starting" else EndpointPhase.HEALTHY
    )
    stand_in.launcher.written = "\n".join(f"line {n}" for n in range(100))
    stand_in.running()
    stand_in.launcher.containers[0].exit(3)

    status = stand_in.shown()["status"]

    assert "failed" == status["state"]
    assert status["message"].startswith("Endpoint failed to start. Exit code: 3. Reason: line 80\n")
    assert status["message"].endswith("line 99")


def test_a_failed_endpoint_can_only_be_deleted(stand_in: StandIn) -> None:
    """Pause and resume are 400."""
    stand_in.running()
    stand_in.launcher.containers[0].exit(1)

    answers = [
        stand_in.http.post(f"{ONE}/pause"),
        stand_in.http.post(f"{ONE}/resume"),
        stand_in.http.delete(ONE),
    ]

    assert [400, 400, 200] == [answer.status_code for answer in answers]


def test_a_paused_endpoint_stays_paused_until_resumed(stand_in: StandIn) -> None:
    """It pauses at once and keeps its address; resuming starts it again."""
    url = stand_in.running()["status"]["url"]

    paused = stand_in.http.post(f"{ONE}/pause").json()["status"]
    stand_in.clock.advance(10_000)
    still = stand_in.state()
    resumed = stand_in.http.post(f"{ONE}/resume").json()["status"]["state"]
    stand_in.clock.advance(STARTUP_S)

    assert ("paused", url, 0) == (paused["state"], paused["url"], paused["targetReplica"])
    assert ["paused", "initializing", "running"] == [still, resumed, stand_in.state()]


def test_resuming_a_running_endpoint_is_refused(stand_in: StandIn) -> None:
    """With the message that the client looks for."""
    stand_in.running()

    answer = stand_in.http.post(f"{ONE}/resume")

    assert 400 == answer.status_code
    assert "already running" in answer.json()["error"]


def test_an_idle_endpoint_scales_to_zero(stand_in: StandIn) -> None:
    """The idle time counts from the last request."""
    url = stand_in.running()["status"]["url"]
    stand_in.clock.advance(14 * MINUTE_S)
    stand_in.http.post(url, json={})
    stand_in.clock.advance(14 * MINUTE_S)
    awake = stand_in.state()
    stand_in.clock.advance(MINUTE_S)

    assert ["running", "scaledToZero"] == [awake, stand_in.state()]
    assert stand_in.launcher.containers[0].stopped


def test_an_endpoint_with_a_minimum_of_one_replica_never_sleeps(stand_in: StandIn) -> None:
    """Scaling to zero needs minReplica 0."""
    body = create_body()
    body["compute"]["scaling"] = {"minReplica": 1, "maxReplica": 1, "scaleToZeroTimeout": None}
    stand_in.http.post("/v2/endpoint/alice", json=body)
    stand_in.clock.advance(100_000)

    assert "running" == stand_in.state()


def test_a_deleted_endpoint_is_described_a_moment_longer(stand_in: StandIn) -> None:
    """Its process ends at once; GET becomes 404 after a moment, and its files are deleted."""
    stand_in.running()

    first, second = stand_in.http.delete(ONE), stand_in.http.delete(ONE)
    soon = stand_in.http.get(ONE)
    stand_in.clock.advance(0.7)
    later = stand_in.http.get(ONE)

    statuses = [one.status_code for one in (first, second, soon, later)]
    assert [200, 404, 200, 404] == statuses
    assert stand_in.launcher.containers[0].stopped
    assert 1 == len(stand_in.launcher.forgotten)


@pytest.mark.parametrize(
    ("plan", "after_s", "state", "ready"),
    [
        ({"fail_after_s": 3}, 2.9, "initializing", 0),
        ({"fail_after_s": 3}, 3, "failed", 0),
        ({"never_healthy": True}, 100_000, "initializing", 0),
    ],
)
def test_a_start_plan_applies_to_the_next_endpoints(
    stand_in: StandIn, plan: dict[str, Any], after_s: float, state: str, ready: int
) -> None:
    """To as many as it says; the following one starts as usual."""
    stand_in.http.post("/_standin/starts", json=plan)
    stand_in.create()
    stand_in.create("m2")
    stand_in.clock.advance(after_s)

    status = stand_in.shown()["status"]

    assert (state, ready) == (status["state"], status["readyReplica"])
    stand_in.clock.advance(STARTUP_S)
    assert stand_in.state("m2") in {"running", "scaledToZero"}


def test_no_capacity_fails_with_its_message(stand_in: StandIn) -> None:
    """The usual message of a failed start, without an exit code."""
    stand_in.http.post("/_standin/starts", json={"fail_after_s": 3})
    stand_in.create()
    stand_in.clock.advance(3)

    message = stand_in.shown()["status"]["message"]

    assert message.startswith("Endpoint failed to start")
    assert "Exit code" not in message


def test_a_start_plan_can_run_other_files_than_shown(stand_in: StandIn) -> None:
    """Another revision or another repository; after a resume the endpoint runs its own."""
    repository = stand_in.hub.get("alice/iris")
    asked, tree = stand_in.sha(), repository.commits[stand_in.sha()].tree
    other = stand_in.hub.commit(repository, tree)
    stand_in.http.post("/_standin/starts", json={"name": "m1", "serve_revision": other})
    stand_in.http.post("/_standin/starts", json={"name": "m2", "serve_repository": "alice/wine"})

    shown = [stand_in.running(name, revision=asked)["model"] for name in ("m1", "m2")]
    stand_in.http.post(f"{ONE}/pause")
    stand_in.http.post(f"{ONE}/resume")

    ran = [container.document.model for container in stand_in.launcher.containers]
    assert [("alice/iris", asked)] * 2 == [(one["repository"], one["revision"]) for one in shown]
    assert [("alice/iris", other), ("alice/wine", "main"), ("alice/iris", asked)] == [
        (one.repository, one.revision) for one in ran
    ]


def test_a_memory_limit_applies_to_one_endpoint(stand_in: StandIn) -> None:
    """The next endpoint has none."""
    stand_in.http.post("/_standin/starts", json={"memory_mb": 400})

    stand_in.running()
    stand_in.running("m2")

    assert [400, None] == [container.memory_mb for container in stand_in.launcher.containers]

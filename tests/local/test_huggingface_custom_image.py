"""Endpoints with an image of one's own run its command in a Python of this machine."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from standins.huggingface.interpreters import find_interpreter
from tests.local.stand_in_process import ENDPOINTS, StandInProcess, wait_for

pytestmark = [
    # huggingface_hub 2.4 itself uploads large files in a way that its HTTP library deprecates.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.usefixtures("serving"),
]
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
START = ["sh", "/repository/start.sh"]


def image(minor: str = MINOR, **custom: Any) -> dict[str, Any]:
    """Return an image of uv with a port and a health route; *custom* replaces fields."""
    url = f"ghcr.io/astral-sh/uv:python{minor}-bookworm@sha256:{'0' * 64}"
    return {"custom": {"url": url, "port": 8000, "healthRoute": "/healthy", **custom}}


def create(server: StandInProcess, name: str, **model: Any) -> None:
    """Create an endpoint whose server listens on the image's port; *model* replaces fields."""
    usual = {"image": image(), "command": START, "env": {"HOKUS_PORT": "8000"}}
    server.create(name, **{"repository": "alice/serving", **usual, **model})


def described(server: StandInProcess, name: str) -> dict[str, Any]:
    """Wait for the endpoint to run; return what its server says of its container."""
    status = server.wait_until_settled(name)
    assert "running" == status["state"], status
    description: dict[str, Any] = server.http.post(status["url"], json={}).json()
    return description


def test_the_command_runs_in_the_images_python(server: StandInProcess) -> None:
    """With the owner's variables and this machine's port, and a repository that stays as it is."""
    if find_interpreter("3.12") is None:
        pytest.skip("no CPython 3.12 on this machine")
    variables = {"HOKUS_PORT": "8000", "OTHER": "8000", "FILES": "/repository/weights"}
    create(server, "own", image=image("3.12"), env=variables, secrets={"S": "very-secret"})

    found = described(server, "own")

    environment = found["environment"]
    assert [3, 12] == found["python"]
    assert not found["writable"]
    assert found["uv"].startswith("uv ")
    assert ("8000", "very-secret") == (environment["OTHER"], environment["S"])
    assert "8000" != environment["HOKUS_PORT"]
    assert environment["FILES"].endswith("/repository/weights")
    assert "/repository/weights" != environment["FILES"]
    assert not {"NOT_FOR_MODELS", "HF_TOKEN", "VIRTUAL_ENV", "PYTHONPATH"} & environment.keys()


def test_arguments_alone_are_run(server: StandInProcess) -> None:
    """The entry point of uv's images is empty; with a command, they follow it."""
    create(server, "by-args", command=None, args=START)
    create(server, "by-both", args=["quickly"])

    for name in ("by-args", "by-both"):
        described(server, name)

    assert "starting quickly\n" in server.container_logs()


@pytest.mark.parametrize(
    ("name", "model", "code", "reason"),
    [
        (
            "no-python",
            {"image": image(url="docker.io/alice/box:1")},
            125,
            "`python3.X` in its name",
        ),
        ("python-99", {"image": image("3.99")}, 125, "CPython 3.99 is not on this machine"),
        ("no-command", {"command": ["serve-well"]}, 127, "exec serve-well: No such file"),
        ("no-program", {"command": ["/repository/start.sh"]}, 126, "Permission denied"),
        ("own-command", {"command": None}, 2, "Usage: uv"),
    ],
)
def test_what_cannot_run_is_a_failed_start(
    server: StandInProcess, name: str, model: dict[str, Any], code: int, reason: str
) -> None:
    """The message has the exit code and says what is missing."""
    create(server, name, **model)

    status = server.wait_until_settled(name)

    assert "failed" == status["state"]
    assert f"Exit code: {code}. Reason: " in status["message"]
    assert reason in server.container_logs()


def test_another_port_is_never_healthy(server: StandInProcess) -> None:
    """The server listens, the platform asks elsewhere: it stays `initializing`."""
    create(server, "elsewhere", env={"HOKUS_PORT": "0"}, args=["elsewhere"])

    wait_for(lambda: "starting elsewhere\nlistening\n" in server.container_logs())

    state = server.http.get(f"{ENDPOINTS}/elsewhere").json()["status"]["state"]
    assert state in {"pending", "initializing"}
    server.http.delete(f"{ENDPOINTS}/elsewhere")


def test_without_a_health_route_a_container_is_ready_when_it_runs(server: StandInProcess) -> None:
    """Even one that never listens."""
    command = ["sleep", "60"]
    create(server, "unasked", image=image(healthRoute=None), command=command)

    assert "running" == server.wait_until_settled("unasked")["state"]
    assert server.http.get(f"{ENDPOINTS}/unasked").json()["healthRoute"] is None
    server.http.delete(f"{ENDPOINTS}/unasked")


def test_a_crash_shows_in_the_message(server: StandInProcess) -> None:
    """Exit code and the end of the log, from a container that served."""
    create(server, "crashing")
    url = server.wait_until_settled("crashing")["url"]

    answer = server.http.post(url, json={"exit": 7})

    message = server.wait_until_settled("crashing", "failed")["message"]
    assert 502 == answer.status_code
    assert "Exit code: 7. Reason: " in message
    assert message.endswith("giving up")


def test_memory_is_that_of_all_processes(server: StandInProcess) -> None:
    """The shell holds little, the Python that it starts too much."""
    server.http.post("/_standin/starts", json={"name": "starving", "memory_mb": 300})
    create(server, "starving", env={"HOKUS_PORT": "8000", "HUNGRY": "yes"})

    message = server.wait_until_settled("starving", "failed")["message"]

    assert "Exit code: 137. Reason: starting" in message


@pytest.mark.parametrize("end", ["delete", "scale-to-zero"])
def test_a_stopped_container_may_finish_its_work(server: StandInProcess, end: str) -> None:
    """SIGTERM comes first, so that a request in progress is answered."""
    name = f"draining-{end}"
    create(server, name, args=[name])
    url = server.wait_until_settled(name)["url"]
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.http.post, url, json={"wait_s": 1})
        log = f"starting {name}\nlistening\nworking\n"
        wait_for(lambda: log in server.container_logs())
        if end == "delete":
            server.http.delete(f"{ENDPOINTS}/{name}")
        else:
            server.http.post(f"{ENDPOINTS}/{name}/scale-to-zero")

        assert 200 == answer.result().status_code
    wait_for(lambda: f"{log}draining\ndrained\n" in server.container_logs())


def test_a_container_sees_the_cores_of_its_host(server: StandInProcess) -> None:
    """Python and nproc do, and thread pools that no variable limits."""
    for name in ("many", "limited"):
        server.http.post("/_standin/starts", json={"name": name, "host_cores": 96})
    create(server, "many")
    create(server, "limited", env={"HOKUS_PORT": "8000", "OMP_NUM_THREADS": "2"})

    many, limited = described(server, "many"), described(server, "limited")

    assert [96, 96, 96] == many["cores"]
    assert "96" == many["environment"]["OMP_NUM_THREADS"]
    assert [96, 96, 2] == limited["cores"]
    assert "2" == limited["environment"]["OMP_NUM_THREADS"]

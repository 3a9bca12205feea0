"""The server from its first second to its last."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.runtime.server_process import running
from tests.runtime.test_load import AT_ONCE


def test_it_listens_before_the_model_is_loaded(directed: Path, tmp_path: Path) -> None:
    """Health and predictions are 503 until then, and say when to come again."""
    loaded = tmp_path / "loaded"
    with running(directed, environment={"LOADING": str(loaded)}) as server:
        health = server.wait_for_health(503)
        prediction = server.direct("array")
        loaded.touch()
        server.wait_for_health(200)

        for answer in (health, prediction):
            assert (503, "starting") == (answer.status_code, answer.json()["error"]["type"])
            assert "5" == answer.headers["retry-after"]
        assert 200 == server.direct("array").status_code


def test_a_model_that_cannot_be_loaded_ends_the_process(directed: Path) -> None:
    """The last line of the log is the reason, which people get to see."""
    with running(directed, environment={"LOADING": "fails"}) as server:
        assert 1 == server.exit_code()

        last = server.log.splitlines()[-1]
        assert (
            "The model could not be loaded: RuntimeError: a file is missing from the model" in last
        )


@pytest.mark.parametrize("name", ["HOKUS_ENDPOINT_SECRET", "HOKUS_DEPLOYMENT_ID"])
def test_without_its_identity_it_does_not_start(directed: Path, name: str) -> None:
    """It would be open to everybody."""
    with running(directed, environment={name: ""}) as server:
        assert 1 == server.exit_code()

        assert server.log.splitlines()[-1].startswith(f"{name} is not set")


def test_sigterm_drains(directed: Path, tmp_path: Path) -> None:
    """What is in flight is answered; nothing new is begun."""
    with running(directed) as server, ThreadPoolExecutor(8) as threads:
        server.wait_for_health(200)
        begun = [threads.submit(server.direct, "hold", str(tmp_path)) for _ in range(6)]
        # Four are made, two wait, which nobody outside can see.
        while len([*tmp_path.iterdir()]) < AT_ONCE:
            time.sleep(0.01)
        time.sleep(0.5)
        server.terminate()
        health, prediction = server.wait_for_health(503), server.direct("array")
        (tmp_path / "go").touch()

        for answer in (health, prediction):
            assert (503, "stopping") == (answer.status_code, answer.json()["error"]["type"])
        assert 6 * [200] == [each.result().status_code for each in begun]
        assert 0 == server.exit_code()


def test_a_drain_has_an_end(directed: Path) -> None:
    """A prediction that takes too long is given up."""
    with running(directed) as server, ThreadPoolExecutor(1) as threads:
        server.wait_for_health(200)
        threads.submit(server.direct, "sleep", 60)
        time.sleep(0.5)
        began = time.monotonic()
        server.terminate()

        assert 0 == server.exit_code()
        assert 20 < time.monotonic() - began < 30


@pytest.mark.parametrize("loads", [True, False])
def test_sigterm_ends_an_idle_server_at_once(directed: Path, tmp_path: Path, loads: bool) -> None:
    """Also while its model loads."""
    never = {"LOADING": str(tmp_path / "never")} if loads else {}
    with running(directed, environment=never) as server:
        server.wait_for_health(503 if loads else 200)
        began = time.monotonic()
        server.terminate()

        assert 0 == server.exit_code()
        assert time.monotonic() - began < 5

"""The Hugging Face stand-in as a process of its own, which starts models as processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from huggingface_hub import HfApi

from standins import TOKEN_VARIABLE
from tests.local.stand_in import TOKEN, create_body

ENDPOINTS = "/v2/endpoint/alice"
TIMEOUT_S = 60


@dataclass
class StandInProcess:
    """A stand-in that runs as a process.

    Attributes:
        http: Client with the owner's token.
        log: Its standard error.
    """

    process: subprocess.Popen[str]
    http: httpx.Client
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return str(self.http.base_url).rstrip("/")

    def hub(self) -> HfApi:
        """Return a client of its Hub."""
        return HfApi(endpoint=self.url, token=TOKEN)

    def create(self, name: str, **model: Any) -> None:
        """Create an endpoint that serves `alice/doubling`, or what *model* says."""
        body = create_body(name, **{"repository": "alice/doubling", **model})
        assert self.http.post(ENDPOINTS, json=body).is_success

    def wait_until_settled(self, name: str, *states: str) -> dict[str, Any]:
        """Wait until the endpoint is in one of *states*; return its `status`.

        Without *states*: until it is running or failed.
        """
        states = states or ("running", "failed")

        def status() -> dict[str, Any] | None:
            found: dict[str, Any] = self.http.get(f"{ENDPOINTS}/{name}").json()["status"]
            return found if found["state"] in states else None

        return wait_for(status)

    def container_logs(self) -> str:
        """Return all that containers have written."""
        logs = (self.log.parent / "state/logs").glob("*.log")
        return "".join(log.read_text() for log in logs)

    def pids(self) -> set[int]:
        """Return the ids of the processes that it has started and that still run."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return {child.pid for child in children}


def wait_for[T](look: Callable[[], T | None]) -> T:
    """Poll *look* until it finds something; return that."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError


def wait_until_ended(pids: set[int]) -> None:
    """Wait until none of these processes exists."""
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def start(folder: Path) -> StandInProcess:
    """Start a stand-in on a free port, with its state in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "stand-in.log"
    command = [
        *(sys.executable, "-m", "standins.huggingface", "--port", "0"),
        *("--namespace", "alice", "--startup-seconds", "0.2", "--state", str(folder / "state")),
    ]
    environment = os.environ | {TOKEN_VARIABLE: TOKEN, "TMPDIR": str(folder), "NOT_FOR_MODELS": "x"}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    url = process.stdout.readline().rpartition(" ")[2].strip()
    headers = {"authorization": f"Bearer {TOKEN}"}
    return StandInProcess(process, httpx.Client(base_url=url, headers=headers, timeout=30), log)


def end(server: StandInProcess, with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Send *with_signal* and wait for the process to end."""
    server.process.send_signal(with_signal)
    server.process.communicate(timeout=TIMEOUT_S)
    server.http.close()

"""Runs of the canary against the stand-in."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass

from tests.local.stand_in import TOKEN
from tests.local.stand_in_process import ENDPOINTS, StandInProcess

NAME = re.compile(r"hokus-canary-\w+-\w+")


@dataclass(frozen=True)
class Canary:
    """Starts `python -m canary` against *server*, whose owner's token it has."""

    server: StandInProcess
    registry_url: str

    def begin(self, *arguments: str, token: str = TOKEN) -> subprocess.Popen[str]:
        """Start a run."""
        command = [
            *(sys.executable, "-m", "canary", "--namespace", "alice"),
            *("--api-url", self.server.url, "--hub-url", self.server.url),
            *("--endpoint-domain", "127.0.0.1", "--registry-url", self.registry_url),
            *arguments,
        ]
        environment = {**os.environ, "HF_TOKEN": token, "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run to the end; return the exit status and what was printed."""
        process = self.begin(*arguments)
        printed, _ = process.communicate(timeout=600)
        return process.returncode, printed

    def left(self) -> list[str]:
        """Return the names of the run's endpoints and repositories that are still there."""
        endpoints = self.server.http.get(ENDPOINTS).json()["items"]
        asked = self.server.http.get("/_standin/requests", params={"path": "hokus-canary"}).json()
        names = {NAME.search(each["path"])[0] for each in asked["requests"]}  # type: ignore[index]
        hub = self.server.hub()
        repositories = [each for each in sorted(names) if hub.repo_exists(f"alice/{each}")]
        return [each["name"] for each in endpoints] + repositories

"""A repository of the runtime `container` in a folder, and its server as a process."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from functions.common.providers.huggingface import recipe
from functions.common.providers.huggingface.recipe import RUNTIME_FILES
from functions.common.providers.huggingface.runtimes import CONTAINER
from infra.local.parts import free_port

SECRET = "the-deployment-secret"
DEPLOYMENT_ID = "6a0a3d2e-0000-5000-8000-000000000000"
PACKAGE = "ab" * 32
NONCE = "5f0c"
READY_S = 60
EXIT_S = 40
_RUNTIME = Path(recipe.__file__).parent / "runtime"


def add_server(folder: Path) -> Path:
    """Make *folder*, which holds `model/`, a repository; return the path of its server."""
    (folder / "hokus").mkdir()
    for published, ours in RUNTIME_FILES[CONTAINER].items():
        shutil.copy(_RUNTIME / ours, folder / published)
    (folder / "hokus.json").write_text(json.dumps({"package": PACKAGE}))
    return folder / "hokus" / "server.py"


def variables(port: int, *, cpus: int = 2) -> dict[str, str]:
    """Return the environment that an endpoint's specification sets."""
    return {
        "HOKUS_HOST": "127.0.0.1",
        "HOKUS_PORT": str(port),
        "HOKUS_CPUS": str(cpus),
        "HOKUS_DEPLOYMENT_ID": DEPLOYMENT_ID,
        "HOKUS_ENDPOINT_SECRET": SECRET,
    }


class ServerProcess:
    """A running server.

    Attributes:
        http: A client of it.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self.port = port
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def health(self) -> httpx.Response | None:
        """Return the answer of the health route; None while nobody listens."""
        try:
            return self.http.get("/health")
        except httpx.TransportError:
            return None

    def wait_for_health(self, status: int) -> httpx.Response:
        """Return the first answer of the health route with *status*."""
        for _ in range(READY_S * 20):
            assert self._process.poll() is None, self.log
            answer = self.health()
            if answer is not None and answer.status_code == status:
                return answer
            try:
                self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        raise AssertionError(self.log)

    def post(self, content: Any, **headers: str) -> httpx.Response:
        """Send *content*, bytes or an iterable of chunks, with our secret and a nonce."""
        identity = {"X-Hokus-Secret": SECRET, "X-Hokus-Nonce": NONCE}
        return self.http.post("/", content=content, headers={**identity, **headers})

    def direct(self, do: str, value: Any = None) -> httpx.Response:
        """Let the directed model *do* something with *value*."""
        return self.post(json.dumps({"dataframe_records": [{"do": do, "with": value}]}).encode())

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Return the exit code of the process, which ends."""
        return self._process.wait(EXIT_S)

    def close(self) -> None:
        self.http.close()
        self._process.kill()
        self._process.wait()


@contextmanager
def running(
    folder: Path,
    *,
    cpus: int = 2,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = (),
    working_folder: Path | None = None,
) -> Iterator[ServerProcess]:
    """Run the server of the repository in *folder* with our own interpreter.

    *command* is another server's, which is given its port as the last argument.
    """
    port, log = free_port(), folder.with_suffix(".log")
    ours = [sys.executable, "-B", "-u", str(folder / "hokus" / "server.py")]
    whole = [*command, str(port)] if command else ours
    environment = {**os.environ, **variables(port, cpus=cpus), **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(
            whole, stdout=output, stderr=output, env=environment, cwd=working_folder
        )
    server = ServerProcess(process, port, log)
    try:
        yield server
    finally:
        server.close()

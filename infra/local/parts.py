"""The processes of the local system: command, environment, address."""

import socket
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from infra.local.processes import Running, start, wait_until_answering
from standins import KEYS_VARIABLE, TOKEN_VARIABLE

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
NAMESPACE = "hokus"
ARTIFACT_BUCKET = "mlflow-artifacts"
"""Where an experiment may keep its models instead of on the MLflow server."""
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process.

    Attributes:
        title: Shown to the user while it starts.
        ready_path: Answers below 500 as soon as the process can be used.
        state: Folder of its log and its temporary files.
    """

    name: str
    title: str
    port: int
    ready_path: str
    state: Path
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        return self.state / f"logs/{self.name}.log"

    def start(self) -> Running:
        """Start the process; return at once."""
        scratch = self.state / "tmp"
        for folder in (self.log.parent, scratch):
            folder.mkdir(exist_ok=True)
        environment = {"TMPDIR": str(scratch), **self.environment}
        return start(self.name, self.command, log=self.log, environment=environment)

    def wait_until_ready(self, running: Running) -> None:
        """Return when the process can be used. Raises: StartError."""
        wait_until_answering(running, self.url + self.ready_path, log=self.log)


def ministack(port: int, state: Path, *, variables: Mapping[str, str] = NOTHING) -> Part:
    """Return AWS. Its Python environment is its own: functions find nothing but their bundle.

    *variables*: further environment variables, which functions inherit.
    """
    return Part(
        name="ministack",
        title="AWS (MiniStack)",
        port=port,
        ready_path="/_ministack/health",
        state=state,
        command=(
            str(ROOT / ".venv-ministack/bin/python"),
            str(ROOT / "infra/local/ministack_process.py"),
        ),
        environment={"BIND_HOST": HOST, "GATEWAY_PORT": str(port), **variables},
    )


def mlflow(port: int, state: Path, *, encryption_key: str) -> Part:
    """Return the registry, with artifacts proxied. Its webhooks may use plain http on this machine,
    and a new webhook works at once instead of within a minute."""
    data = state / "mlflow"
    data.mkdir(exist_ok=True)
    return Part(
        name="mlflow",
        title="MLflow",
        port=port,
        ready_path="/health",
        state=state,
        command=(
            *(sys.executable, "-m", "mlflow", "server"),
            *("--host", HOST, "--port", str(port), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{data}/mlflow.db"),
            *("--artifacts-destination", str(data / "artifacts")),
        ),
        environment={
            "DO_NOT_TRACK": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
            "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
            "MLFLOW_WEBHOOK_CACHE_TTL": "0",
            "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": encryption_key,
        },
    )


def huggingface(port: int, state: Path, *, token: str, startup_s: float) -> Part:
    """Return the stand-in of Hugging Face; *token* owns the namespace."""
    folder = str(state / "huggingface")
    options = ("--state", folder, "--namespace", NAMESPACE)
    startup = ("--startup-seconds", str(startup_s))
    secrets = {TOKEN_VARIABLE: token}
    return _stand_in(
        "huggingface", "Hugging Face (stand-in)", port, state, *options, *startup, secrets=secrets
    )


def auth(port: int, state: Path, *, api_key: str) -> Part:
    """Return the stand-in of auth.hokus.ai, which accepts *api_key*."""
    secrets = {KEYS_VARIABLE: api_key}
    return _stand_in("auth", "auth.hokus.ai (stand-in)", port, state, secrets=secrets)


def _stand_in(
    name: str, title: str, port: int, state: Path, *options: str, secrets: Mapping[str, str]
) -> Part:
    """Return a stand-in, which gets *secrets* by its environment: everybody can list commands."""
    return Part(
        name=name,
        title=title,
        port=port,
        ready_path="/_standin/health",
        state=state,
        command=(sys.executable, "-m", f"standins.{name}", "--port", str(port), *options),
        environment={"PYTHONPATH": str(ROOT), **secrets},
    )


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])

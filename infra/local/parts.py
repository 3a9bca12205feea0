"""The processes that the local system is made of: command, environment, where they answer."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
NAMESPACE = "hokus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process.

    Attributes:
        title: What a person reads while it starts.
        ready_path: Answers below 500 as soon as the process can be used.
    """

    name: str
    title: str
    port: int
    ready_path: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def ministack(port: int, state: Path) -> Part:
    """AWS. It runs in an environment of its own: functions get nothing but their bundle from us."""
    return Part(
        name="ministack",
        title="AWS (MiniStack)",
        port=port,
        ready_path="/_ministack/health",
        command=(str(ROOT / ".venv-ministack/bin/ministack"),),
        environment={"BIND_HOST": HOST, "GATEWAY_PORT": str(port), "TMPDIR": str(state / "tmp")},
    )


def mlflow(port: int, state: Path, *, encryption_key: str) -> Part:
    """The registry, with artifacts proxied. It may call plain http on this machine, and a new
    webhook is noticed at once instead of within a minute."""
    data = state / "mlflow"
    data.mkdir(exist_ok=True)
    return Part(
        name="mlflow",
        title="MLflow",
        port=port,
        ready_path="/health",
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
            "TMPDIR": str(state / "tmp"),
        },
    )


def huggingface(port: int, state: Path, *, token: str, startup_s: float) -> Part:
    """Hugging Face's stand-in."""
    return Part(
        name="huggingface",
        title="Hugging Face (stand-in)",
        port=port,
        ready_path="/_standin/health",
        command=(
            *(sys.executable, "-m", "standins.huggingface", "--port", str(port)),
            *("--state", str(state / "huggingface"), "--namespace", NAMESPACE),
            *("--token", token, "--startup-seconds", str(startup_s)),
        ),
        environment={"PYTHONPATH": str(ROOT), "TMPDIR": str(state / "tmp")},
    )


def auth(port: int, state: Path, *, api_key: str) -> Part:
    """The stand-in of auth.hokus.ai."""
    return Part(
        name="auth",
        title="auth.hokus.ai (stand-in)",
        port=port,
        ready_path="/_standin/health",
        command=(
            *(sys.executable, "-m", "standins.auth", "--port", str(port)),
            *("--key", api_key),
        ),
        environment={"PYTHONPATH": str(ROOT), "TMPDIR": str(state / "tmp")},
    )

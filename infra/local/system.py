"""A running local system: its addresses, its keys, its processes."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.processes import Running, StartError, stop

_MARK = ".hokus-local-system"
"""Marks a folder whose contents we may delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSystem:
    """Addresses and keys of a running system; everything that it writes is below *state*.

    Attributes:
        api_key: May read and predict.
        operator_key: May also deploy and undeploy.
        mlflow_password: Of the service's user `hokus`; MLflow here lets everybody in.
        huggingface_token: May do everything at the stand-in; the service does not have it.
        service_tokens: The service's own tokens of Hugging Face by the stack's output.
    """

    state: Path
    api_url: str
    api_key: str
    operator_key: str
    mlflow_url: str
    mlflow_password: str
    huggingface_url: str
    auth_url: str
    aws_url: str
    webhook_url: str
    webhook_secret: str
    huggingface_token: str
    service_tokens: dict[str, str]
    running: tuple[Running, ...]

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def is_alive(self) -> bool:
        return all(part.is_alive for part in self.running)

    def stop(self) -> None:
        """End every process."""
        stop(self.running)
        _record(self.state).unlink(missing_ok=True)

    def save(self) -> None:
        """Write the record for `load`; only its owner may read it, since it holds the keys."""
        values = asdict(self) | {"state": str(self.state)}
        record = _record(self.state)
        record.touch(mode=0o600)
        record.write_text(json.dumps(values))


def load(state: Path) -> LocalSystem | None:
    """Return the system that was left running under *state*; None when there is none."""
    record = _record(state)
    if not record.exists():
        return None
    values = json.loads(record.read_text())
    running = tuple(Running(**part) for part in values.pop("running"))
    return LocalSystem(**values | {"state": state, "running": running})


def _record(state: Path) -> Path:
    return state / "system.json"


def empty_state_folder(state: Path) -> Path:
    """Delete what an earlier system left in *state*, except installed packages; return *state*.

    MiniStack forgets everything when it stops, so the registry and the Hub must forget, too.

    Raises: StartError (the folder holds something that is not ours).
    """
    mark = state / _MARK
    if state.exists() and any(state.iterdir()) and not mark.exists():
        raise StartError(f"{state} holds other files; choose an empty folder.")
    for left in state.glob("*"):
        if left.is_file():
            left.unlink()
        elif left.name != "huggingface":  # it empties its folder, except for installed packages
            shutil.rmtree(left)
    state.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return state

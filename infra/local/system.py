"""The local system as a whole: up, its addresses and keys, down."""

import json
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from cryptography.fernet import Fernet
from mlflow import MlflowClient

from infra.local import parts
from infra.local.deployment import aws_client, deploy
from infra.local.parts import HOST, Part
from infra.local.processes import Running, StartError, start, stop, wait_until_answering

type Say = Callable[[str], None]

_MARK = ".hokus-local-system"
"""Says that a folder is ours to empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to start it.

    Attributes:
        ports: By part (`ministack`, `mlflow`, `huggingface`, `auth`); free ones for the rest.
        startup_s: Seconds that the Hugging Face stand-in lets an endpoint initialize.
        deploy_alias: The alias whose version is deployed; empty: the newest version is.
    """

    state: Path
    ports: dict[str, int]
    startup_s: float = 3
    deploy_alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSystem:
    """A running system: where its parts answer and what opens them."""

    state: Path
    api_url: str
    api_key: str
    mlflow_url: str
    huggingface_url: str
    auth_url: str
    aws_url: str
    webhook_url: str
    webhook_secret: str
    huggingface_token: str
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
        """Leave a note for `make down`; only its owner may read it, since it holds the keys."""
        values = asdict(self) | {"state": str(self.state)}
        record = _record(self.state)
        record.touch(mode=0o600)
        record.write_text(json.dumps(values))


def load(state: Path) -> LocalSystem | None:
    """The system that was left running under *state*; None when there is none."""
    record = _record(state)
    if not record.exists():
        return None
    values = json.loads(record.read_text())
    running = tuple(Running(**part) for part in values.pop("running"))
    return LocalSystem(**values | {"state": state, "running": running})


def _record(state: Path) -> Path:
    return state / "system.json"


@contextmanager
def running_system(options: Options, say: Say) -> Iterator[LocalSystem]:
    """The system for as long as the block lasts."""
    system = bring_up(options, say)
    try:
        yield system
    finally:
        system.stop()


def bring_up(options: Options, say: Say) -> LocalSystem:
    """Start every part, deploy the stack, register the webhook.

    Raises: StartError; whatever had been started is ended again.
    """
    state = _emptied(options.state.resolve())
    options = replace(options, state=state)
    keys = _Keys()
    wanted = _parts(options, keys)
    with ExitStack() as undo:
        running = tuple(_start(part, state, undo) for part in wanted.values())
        addresses = _await_and_deploy(wanted, running, options, keys, say)
        system = LocalSystem(
            state=state,
            api_key=keys.api_key,
            huggingface_token=keys.huggingface_token,
            webhook_secret=keys.webhook_secret,
            mlflow_url=wanted["mlflow"].url,
            huggingface_url=wanted["huggingface"].url,
            auth_url=wanted["auth"].url,
            aws_url=wanted["ministack"].url,
            running=running,
            **addresses,
        )
        register_webhook(system)
        say(f"  {'webhook':<28} registered in MLflow")
        system.save()
        undo.pop_all()
        return system


def _emptied(state: Path) -> Path:
    """The state folder without what an earlier system left there, except installed packages.

    MiniStack forgets everything when it stops, so the registry and the Hub must forget, too.

    Raises: StartError (the folder holds something that is not ours).
    """
    mark = state / _MARK
    if state.exists() and any(state.iterdir()) and not mark.exists():
        raise StartError(f"{state} holds files of somebody else; choose an empty folder.")
    for left in state.glob("*"):
        if left.is_file():
            left.unlink()
        elif left.name != "huggingface":  # it empties its folder but for installed packages
            shutil.rmtree(left)
    for folder in (state, state / "logs", state / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return state


def _random(prefix: str) -> Callable[[], str]:
    return lambda: prefix + secrets.token_hex(16)


@dataclass(frozen=True, slots=True, repr=False)
class _Keys:
    """Made anew for every system; they guard nothing but itself."""

    api_key: str = field(default_factory=_random("hk_test_"))
    huggingface_token: str = field(default_factory=_random("hf_"))
    webhook_secret: str = field(default_factory=_random(""))


def _parts(options: Options, keys: _Keys) -> dict[str, Part]:
    state = options.state

    def port(name: str) -> int:
        return options.ports.get(name) or free_port()

    every = (
        parts.ministack(port("ministack"), state),
        parts.mlflow(port("mlflow"), state, encryption_key=Fernet.generate_key().decode()),
        parts.huggingface(
            port("huggingface"),
            state,
            token=keys.huggingface_token,
            startup_s=options.startup_s,
        ),
        parts.auth(port("auth"), state, api_key=keys.api_key),
    )
    return {part.name: part for part in every}


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start(part: Part, state: Path, undo: ExitStack) -> Running:
    log = _log(part, state)
    process = start(part.name, part.command, log=log, environment=part.environment)
    undo.callback(stop, [process])
    return process


def _await_and_deploy(
    wanted: dict[str, Part], running: Sequence[Running], options: Options, keys: _Keys, say: Say
) -> dict[str, str]:
    """Wait for every part at once, and deploy as soon as AWS answers; the stack's addresses."""
    started = time.monotonic()

    def wait(part: Part, process: Running) -> None:
        wait_until_answering(process, part.url + part.ready_path, log=_log(part, options.state))
        say(f"  {part.title:<28} {part.url}  ({time.monotonic() - started:.0f} s)")

    with ThreadPoolExecutor() as pool:
        waiting = {
            process.name: pool.submit(wait, part, process)
            for part, process in zip(wanted.values(), running, strict=True)
        }
        waiting["ministack"].result()
        addresses = _deploy(wanted, options, keys, say)
        for each in waiting.values():
            each.result()
    return addresses


def _log(part: Part, state: Path) -> Path:
    return state / f"logs/{part.name}.log"


def _deploy(wanted: dict[str, Part], options: Options, keys: _Keys, say: Say) -> dict[str, str]:
    """Deploy the stack and fill its secrets; its addresses."""
    started = time.monotonic()
    say("  cdk deploy …")
    context = {
        "env": "local",
        "mlflow_tracking_uri": wanted["mlflow"].url,
        "huggingface_url": wanted["huggingface"].url,
        "huggingface_namespace": parts.NAMESPACE,
        "auth_url": wanted["auth"].url,
        "deploy_alias": options.deploy_alias,
    }
    aws_url = wanted["ministack"].url
    stack = deploy(aws_url, context=context, state=options.state)
    manager = aws_client("secretsmanager", aws_url)
    for output, value in (
        ("HuggingFaceTokenSecret", keys.huggingface_token),
        ("WebhookSecret", keys.webhook_secret),
    ):
        manager.put_secret_value(SecretId=stack.outputs[output], SecretString=value)
    say(f"  {'the stack':<28} {stack.api_url}  ({time.monotonic() - started:.0f} s)")
    return {"api_url": stack.api_url, "webhook_url": stack.webhook_url}


def register_webhook(system: LocalSystem) -> None:
    """Register the webhook in MLflow, for new versions, tags and aliases."""
    MlflowClient(system.mlflow_url).create_webhook(
        name="hokus-model-serving",
        url=system.webhook_url,
        events=[
            "model_version.created",
            "model_version_tag.set",
            "model_version_tag.deleted",
            "model_version_alias.created",
            "model_version_alias.deleted",
        ],
        secret=system.webhook_secret,
    )

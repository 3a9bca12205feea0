"""Starts the local system: its processes, the stack, the first reconciliation."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from infra.local import parts
from infra.local.api_keys import accept_keys, new_key
from infra.local.deployment import Say, Stack, deploy
from infra.local.function_logs import start_copying
from infra.local.parts import Part, free_port
from infra.local.processes import Running, stop
from infra.local.service_tokens import accept_tokens, new_password, new_tokens, other_secrets
from infra.local.system import LocalSystem, empty_state_folder
from infra.local.webhook import request_reconciliation


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a new system.

    Attributes:
        ports: By part (`ministack`, `mlflow`, `huggingface`, `auth`); free ones for the rest.
        startup_s: Seconds that the Hugging Face stand-in lets an endpoint initialize.
        function_variables: Further environment variables of every function.
    """

    state: Path
    ports: Mapping[str, int] = field(default_factory=dict)
    startup_s: float = 3
    function_variables: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running_system(options: Options, say: Say) -> Iterator[LocalSystem]:
    """Run a system for as long as the block lasts."""
    system = bring_up(options, say)
    try:
        yield system
    finally:
        system.stop()


def bring_up(options: Options, say: Say) -> LocalSystem:
    """Start every part, deploy the stack, request its first reconciliation.

    That makes MLflow's webhook within seconds: see `wait_until_webhook_works`.

    Raises: StartError; whatever had been started is ended again.
    """
    state = empty_state_folder(options.state.resolve())
    api_key, operator_key, token = new_key(), new_key(), f"hf_{secrets.token_hex(16)}"
    by_name = _parts(options, state, api_key=api_key, token=token)
    with ExitStack() as undo:
        running = tuple(_start(part, undo) for part in by_name.values())
        tokens, password, checks = new_tokens(), new_password(), new_key()
        stack = _await_and_deploy(by_name, running, tokens | other_secrets(password, checks), say)
        accept_tokens(by_name["huggingface"].url, tokens)
        request_reconciliation(by_name["ministack"].url, stack.reconcile_function)
        accept_keys(by_name["auth"].url, operator=operator_key, checks=checks)
        copier = start_copying(by_name["ministack"].url, logs=state / "logs")
        undo.callback(stop, [copier])
        system = LocalSystem(
            state=state,
            api_url=stack.api_url,
            api_key=api_key,
            operator_key=operator_key,
            mlflow_url=by_name["mlflow"].url,
            mlflow_password=password,
            huggingface_url=by_name["huggingface"].url,
            huggingface_token=token,
            service_tokens=tokens,
            auth_url=by_name["auth"].url,
            aws_url=by_name["ministack"].url,
            webhook_url=stack.webhook_url,
            webhook_secret=stack.webhook_secret,
            running=(*running, copier),
        )
        system.save()
        undo.pop_all()
        return system


def _parts(options: Options, state: Path, *, api_key: str, token: str) -> dict[str, Part]:
    def port(name: str) -> int:
        return options.ports.get(name) or free_port()

    encryption_key = Fernet.generate_key().decode()
    every = (
        # Functions have the rights of their roles and no others.
        parts.ministack(
            port("ministack"), state, variables={"AUTH": "true", **options.function_variables}
        ),
        parts.mlflow(port("mlflow"), state, encryption_key=encryption_key),
        parts.huggingface(port("huggingface"), state, token=token, startup_s=options.startup_s),
        parts.auth(port("auth"), state, api_key=api_key),
    )
    return {part.name: part for part in every}


def _start(part: Part, undo: ExitStack) -> Running:
    running = part.start()
    undo.callback(stop, [running])
    return running


def _await_and_deploy(
    by_name: Mapping[str, Part], running: Sequence[Running], values: Mapping[str, str], say: Say
) -> Stack:
    """Wait for all parts at once, and deploy as soon as AWS answers. Raises: StartError."""
    started = time.monotonic()

    def report(title: str, url: str) -> None:
        say(f"  {title:<28} {url}  ({time.monotonic() - started:.0f} s)")

    def wait(part: Part, process: Running) -> None:
        part.wait_until_ready(process)
        report(part.title, part.url)

    with ThreadPoolExecutor() as pool:
        waiting = {
            part.name: pool.submit(wait, part, process)
            for part, process in zip(by_name.values(), running, strict=True)
        }
        waiting["ministack"].result()
        stack = _deploy(by_name, values, say)
        report("the stack", stack.api_url)
        for each in waiting.values():
            each.result()
    return stack


def _deploy(by_name: Mapping[str, Part], values: Mapping[str, str], say: Say) -> Stack:
    ministack = by_name["ministack"]
    context = {
        "env": "local",
        "mlflow_tracking_uri": by_name["mlflow"].url,
        "huggingface_url": by_name["huggingface"].url,
        "huggingface_namespace": parts.NAMESPACE,
        "auth_url": by_name["auth"].url,
        "artifact_bucket": parts.ARTIFACT_BUCKET,
    }
    say("  cdk deploy …")
    return deploy(ministack.url, context=context, secrets=values, state=ministack.state, say=say)

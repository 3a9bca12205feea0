"""Deploys synthesized stacks to a MiniStack by the CDK's CLI."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.emulator import ACCOUNT, REGION
from infra.local import parts
from infra.local.deployment import aws_environment
from infra.local.home import away_from_home
from infra.local.processes import run, stop

CDK = (str(parts.ROOT / ".venv/bin/node"), str(parts.ROOT / "node_modules/.bin/cdk"))


@contextmanager
def running_ministack(folder: Path) -> Iterator[str]:
    """Run a MiniStack, with its files in *folder*; yield its address."""
    part = parts.ministack(parts.free_port(), folder)
    running = part.start()
    try:
        part.wait_until_ready(running)
        yield part.url
    finally:
        stop([running])


def bootstrap(endpoint_url: str, folder: Path) -> None:
    """Make what stacks with assets need. Raises: StartError."""
    _cdk(endpoint_url, folder, "bootstrap", f"aws://{ACCOUNT}/{REGION}")


def deploy(app: Path, endpoint_url: str, folder: Path) -> None:
    """Deploy the stack of the assembly *app*. Raises: StartError (the deployment failed)."""
    _cdk(endpoint_url, folder, "--app", str(app), "deploy", "--require-approval=never")


def _cdk(endpoint_url: str, folder: Path, *arguments: str) -> None:
    (folder / "home").mkdir(exist_ok=True)
    environment = aws_environment(endpoint_url) | away_from_home(folder / "home")
    run(
        [*CDK, "--no-notices", "--ci", *arguments],
        log=folder / "cdk.log",
        environment=environment,
        cwd=folder,
        on_line=lambda _: None,
    )

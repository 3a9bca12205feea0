"""The command line: `python -m standins.huggingface --port P --state DIR …`."""

import argparse
import os
import tempfile
import time
from pathlib import Path

from starlette.applications import Starlette

from standins import TOKEN_VARIABLE
from standins.huggingface.access import Access
from standins.huggingface.app import Edges, create_app
from standins.huggingface.containers import Containers
from standins.huggingface.environments import Environments
from standins.huggingface.hub_store import HubStore
from standins.huggingface.program import remove_folder
from standins.serving import serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m standins.huggingface")
    parser.add_argument("--port", type=int, required=True, help="0: a free one, printed")
    parser.add_argument("--state", type=Path, required=True, help="all files are kept below it")
    parser.add_argument("--startup-seconds", type=float, default=2.0)
    parser.add_argument("--namespace", default="local", help="the token's account")
    return parser.parse_args()


def _fresh(folder: Path) -> Path:
    """Return *folder* without what an earlier run left there."""
    remove_folder(folder)
    folder.mkdir(parents=True)
    return folder


def _build(arguments: argparse.Namespace, base_url: str) -> Starlette:
    state: Path = arguments.state.resolve()
    scratch = _fresh(state / "tmp")
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    access = Access()
    # Taken out of the environment, which models would get.
    access.add(os.environ.pop(TOKEN_VARIABLE, "hf_local"), arguments.namespace)
    hub = HubStore(_fresh(state / "hub"), time.time_ns)
    environments = Environments(state / "environments", scratch=scratch)
    containers = Containers(
        folder=_fresh(state / "endpoints"),
        logs=state / "logs",
        hub=hub,
        environments=environments,
    )
    edges = Edges(access=access, hub=hub, launcher=containers)
    return create_app(edges, base_url=base_url, startup_s=arguments.startup_seconds)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    arguments = _arguments()
    serve("Hugging Face", arguments.port, lambda base_url: _build(arguments, base_url))


if __name__ == "__main__":
    main()

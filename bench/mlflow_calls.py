"""HTTP requests that a call of our registry port makes to an MLflow server (3.17, with
artifacts proxied), counted on a real one by the lines that urllib3 logs for each request.

A server whose clients read artifacts from S3 by themselves is spared those of `files`.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from mlflow import MlflowClient

from bench.metering import Tally
from bench.running_part import running
from functions.provision.registry import mlflow_registry
from functions.provision.registry.artifact_sources import ArtifactSources
from functions.provision.registry.credentials import Credentials
from functions.provision.registry.mlflow_registry import MlflowModelRegistry
from infra.local import parts
from infra.local.demo_model import train_and_log

_NAME = "iris"
_FILES = "/mlflow-artifacts/"


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of one call.

    Attributes:
        api: To the registry's own API.
        files: For the model's files.
    """

    api: int
    files: int

    @property
    def all(self) -> int:
        return self.api + self.files


def measured() -> dict[str, Requests]:
    """Return the requests by the port's method; each tag of `set_tags` is one more."""
    with TemporaryDirectory() as folder, _server(Path(folder)) as url:
        trained = train_and_log(url)
        client = MlflowClient(url)
        client.create_registered_model(_NAME)
        model = client.get_logged_model(trained.uri.rpartition("/")[2])
        client.create_model_version(
            _NAME, trained.uri, model.source_run_id, model_id=model.model_id
        )
        registry = MlflowModelRegistry(
            url, Credentials(), open_files=ArtifactSources(tracking_uri=url).open
        )
        questions: dict[str, Callable[[], object]] = {
            "version": lambda: registry.version(_NAME, "1"),
            "model": lambda: registry.model(_NAME),
            "models": registry.models,
            "set_tags": lambda: registry.set_tags(_NAME, "1", {}),
            "download": lambda: registry.download(_NAME, "1", to=Path(folder) / "copy"),
        }
        found = {}
        for method, ask in questions.items():
            with _counted() as lines:
                ask()
            files = sum(_FILES in line for line in lines)
            found[method] = Requests(api=len(lines) - files, files=files)
        return found


def requests_in(tally: Tally, of: Mapping[str, Requests], *, models: int, versions: int) -> int:
    """The requests that the port's calls in *tally* are; a tag that differs is one of its own."""
    total = tally.tag_writes
    for method, calls in tally.of_port("registry").items():
        each = listing_calls(models, versions) if method == "models" else of[method].all
        total += calls * each
    return total


def listing_calls(models: int, versions: int) -> int:
    """Return the requests of `models`, by the sizes of the adapter's pages."""
    pages = ceil(models / mlflow_registry._MODELS_A_PAGE)
    return pages + ceil(versions / mlflow_registry._VERSIONS_A_PAGE)


def _server(folder: Path) -> AbstractContextManager[str]:
    key = Fernet.generate_key().decode()
    return running(parts.mlflow(parts.free_port(), folder, encryption_key=key))


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if " HTTP/" in line:
            self.lines.append(line)


@contextmanager
def _counted() -> Iterator[list[str]]:
    logger, handler = logging.getLogger("urllib3.connectionpool"), _Lines()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)

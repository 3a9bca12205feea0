"""Repositories of real models."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

with warnings.catch_warnings():
    # MLflow's, about its own type hints.
    warnings.simplefilter("ignore")
    import mlflow.pyfunc

from tests.runtime.server_process import ServerProcess, add_server, running
from tests.unit.provision.flavors import quietly


def _save_directed(path: Path) -> None:
    code = Path(__file__).with_name("directed_model.py")
    mlflow.pyfunc.save_model(path, python_model=str(code), pip_requirements=[])


@pytest.fixture(scope="session")
def directed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the repository of the directed model."""
    folder = tmp_path_factory.mktemp("directed") / "repository"
    folder.mkdir()
    quietly(_save_directed, folder / "model")
    add_server(folder)
    return folder


@pytest.fixture(scope="module")
def server(directed: Path) -> Iterator[ServerProcess]:
    """Run the directed model, on two virtual CPUs."""
    with running(directed) as server:
        server.wait_for_health(200)
        yield server

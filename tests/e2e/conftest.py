"""One local system for all end-to-end tests; each test registers models of its own."""

import logging
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from infra.local.system import LocalSystem, Options, running_system
from tests.e2e.client import Client


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for all of them: they share the system."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Started once, on free ports, with all its files in a temporary folder."""
    state = tmp_path_factory.mktemp("local-system")
    say = logging.getLogger("local system").info
    with running_system(Options(state=state, ports={}, startup_s=1), say=say) as running:
        mlflow.set_tracking_uri(running.mlflow_url)
        yield running


@pytest.fixture
def client(system: LocalSystem) -> Iterator[Client]:
    """A caller with a good key."""
    with Client(system) as client:
        yield client

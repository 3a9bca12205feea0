"""One local system for all end-to-end tests; each test registers models of its own."""

import logging
from collections.abc import Iterator

import mlflow
import pytest

from infra.local.system import LocalSystem, Options, running_system
from tests.e2e.client import Client


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

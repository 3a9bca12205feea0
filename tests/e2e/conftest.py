"""One local system for all end-to-end tests; each test registers models of its own."""

import logging
from collections.abc import Iterator

import mlflow
import pytest

from infra.local.system import LocalSystem, Options, running_system
from tests.e2e.client import Client, key_with
from tests.e2e.provider import Provider


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


@pytest.fixture(scope="session")
def operator(system: LocalSystem) -> Iterator[Client]:
    """A caller who may change what is deployed."""
    with Client(system, key=key_with(system, "model:write")) as client:
        yield client


@pytest.fixture(scope="session")
def provider(system: LocalSystem) -> Iterator[Provider]:
    """Hugging Face, seen by a person who works on it, and by one who lets it go wrong."""
    with Provider(system) as provider:
        yield provider

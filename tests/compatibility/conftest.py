"""Fixtures of the compatibility tests: the local system, and environments to log models in."""

from collections.abc import Iterator

import pytest

from infra.local.system import LocalSystem
from tests.compatibility.costs import Costs
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key_with_scopes
from tests.e2e.support.temporary_system import temporary_system

_COSTS = pytest.StashKey[dict[str, Costs]]()


@pytest.fixture(scope="session")
def costs(pytestconfig: pytest.Config) -> dict[str, Costs]:
    """Costs of each flavor; printed after the last test."""
    return pytestconfig.stash.setdefault(_COSTS, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the costs."""
    for flavor, costs in config.stash.get(_COSTS, {}).items():
        terminalreporter.write_line(f"{flavor}: {costs}")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Start the local system, with all its files in a temporary folder."""
    with temporary_system(tmp_path_factory.mktemp("local-system")) as running:
        yield running


@pytest.fixture(scope="session")
def operator(system: LocalSystem) -> Iterator[ApiClient]:
    """A caller whose key has the scope to change deployments."""
    with ApiClient(system, key=new_key_with_scopes(system, "model:write")) as client:
        yield client

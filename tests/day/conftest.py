"""One local system, and one day on it, for all of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.system import LocalSystem
from tests.day.script import Day, Script
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key_with_scopes
from tests.e2e.support.crash_injection import CrashInjector
from tests.e2e.support.lambda_functions import RECONCILE, LambdaFunctions
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.temporary_system import temporary_system

IN_LAMBDA = Path(__file__).parents[1] / "e2e/support/in_lambda"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Start the local system on free ports, with all its files in a temporary folder."""
    with temporary_system(tmp_path_factory.mktemp("local-system")) as running:
        yield running


@pytest.fixture(scope="session")
def day(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Let the day pass; its reconciler can crash."""
    folder = tmp_path_factory.mktemp("crashes")
    functions = LambdaFunctions(system)
    reconciler = functions.live(RECONCILE)
    variables = {RECONCILE: {"CRASHES": str(folder), "PYTHONPATH": str(IN_LAMBDA)}}
    operator = ApiClient(system, key=new_key_with_scopes(system, "model:write"))
    with (
        functions.reconfigured(variables, entries={RECONCILE: "crashing.reconcile"}),
        operator,
        ProviderConsole(system) as provider,
    ):
        crashes = CrashInjector(folder, ("reconcile",))
        return Script(system, operator, provider, crashes, reconciler).run()

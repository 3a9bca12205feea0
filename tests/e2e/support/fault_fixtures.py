"""Fixtures of the tests that `make test-faults` begins before its first one."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.bad_version_rollout import (
    BadVersionRollout,
    ModelUris,
    roll_out_bad_versions,
)
from tests.e2e.support.bad_versions import BAD_VERSIONS, RAISES_AT_PREDICTION
from tests.e2e.support.crash_injection import CrashInjector
from tests.e2e.support.crash_scenarios import CrashTest, CrashTestRun, run_scenarios
from tests.e2e.support.doubling_model import log_doubling_model
from tests.e2e.support.lambda_functions import LambdaFunctions
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.workflow_control import WorkflowControl
from tests.rights.recording import variables_of_recorder

IN_LAMBDA = Path(__file__).parent / "in_lambda"
# Short limits, so that unhealthy and silent endpoints fail sooner, and a comparison ends.
SHORT_LIMITS = {
    "agree": {"AGREEMENT_MINUTES": "0.5"},
    "check": {"ENDPOINT_DEADLINE_S": "120"},
    "verify": {"VERIFY_TIMEOUT_S": "6", "VERIFY_TIMES": "3"},
}


@pytest.fixture(scope="session")
def crashes(
    system: LocalSystem, tmp_path_factory: pytest.TempPathFactory, recorded_calls: Path
) -> Iterator[CrashInjector]:
    """Run every task with an entry that can crash, and with short limits."""
    folder = tmp_path_factory.mktemp("crashes")
    functions = LambdaFunctions(system)
    recorder = variables_of_recorder(recorded_calls)
    path = os.pathsep.join([str(IN_LAMBDA), recorder["PYTHONPATH"]])
    can_crash = {"CRASHES": str(folder), "PYTHONPATH": path}
    variables = {
        entry: can_crash | SHORT_LIMITS.get(task, {}) for task, entry in functions.tasks.items()
    }
    entries = {entry: f"crashing.{task}" for task, entry in functions.tasks.items()}
    with functions.reconfigured(variables, entries=entries):
        yield CrashInjector(folder, tuple(functions.tasks))


@pytest.fixture(scope="session")
def model_uris(system: LocalSystem) -> ModelUris:  # noqa: ARG001 - MLflow is its
    """Log all models before any work begins: logging silences warnings for the whole process."""
    return {"good": log_doubling_model(), **{each.name: each.log() for each in BAD_VERSIONS}}


@pytest.fixture(scope="session")
def started_rollout(
    system: LocalSystem,
    operator: ApiClient,
    provider: ProviderConsole,
    crashes: CrashInjector,  # noqa: ARG001 - for the short limits
    model_uris: ModelUris,
) -> Iterator[Future[BadVersionRollout]]:
    """Start to register bad versions of live models."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(roll_out_bad_versions, system, operator, provider, model_uris)


@pytest.fixture(scope="session")
def crash_run(
    system: LocalSystem, operator: ApiClient, crashes: CrashInjector, model_uris: ModelUris
) -> Iterator[CrashTestRun]:
    """Start the crash scenarios."""
    good, bad = model_uris["good"], model_uris[RAISES_AT_PREDICTION.name]
    test = CrashTest(WorkflowControl.of(system, operator), crashes, good=good, bad=bad)
    with run_scenarios(test) as run:
        yield run

"""Fixtures of the end-to-end tests: one local system for all of them, with models of their own.

Tests marked `begun_early(fixture)` look at work that mostly waits: bad versions that are slow to
fail, and deployments that crash. Their fixture starts it before the first test, and they run late.
`make test-faults` runs them alone, then those marked `long`. Those marked `begun_beside(fixture)`
are not moved. Tests marked `at_the_end` come last.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mlflow import MlflowClient

from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e.support import registered_models
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key_with_scopes
from tests.e2e.support.bad_version_rollout import (
    BadVersionRollout,
    ModelUris,
    roll_out_bad_versions,
)
from tests.e2e.support.bad_versions import BAD_VERSIONS, RAISES_AT_PREDICTION
from tests.e2e.support.command_lines import watched
from tests.e2e.support.crash_injection import CrashInjector
from tests.e2e.support.crash_scenarios import CrashTest, CrashTestRun, run_scenarios
from tests.e2e.support.doubling_model import log_doubling_model
from tests.e2e.support.followed_models import FollowedModels, Registry
from tests.e2e.support.generated_calls import GeneratedCalls
from tests.e2e.support.generated_calls import generated_calls as generated_calls_of
from tests.e2e.support.lambda_functions import LambdaFunctions
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.registered_early import RegisteredEarly
from tests.e2e.support.registered_models import RegisteredVersion
from tests.e2e.support.temporary_system import temporary_system
from tests.e2e.support.workflow_control import WorkflowControl
from tests.rights.recording import variables_of_recorder

EARLY, BESIDE = "begun_early", "begun_beside"
BEFORE_LIVE = {"pending", "deploying"}
LATE = ("at_the_end", EARLY)
IN_LAMBDA = Path(__file__).parent / "support/in_lambda"
# Short limits, so that unhealthy and silent endpoints fail sooner, and a comparison ends.
SHORT_LIMITS = {
    "agree": {"AGREEMENT_MINUTES": "0.5"},
    "check": {"ENDPOINT_DEADLINE_S": "120"},
    "verify": {"VERIFY_TIMEOUT_S": "6", "VERIFY_TIMES": "3"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests whose work is begun early to the end, and those about all others behind."""
    items.sort(key=lambda item: [item.get_closest_marker(each) is not None for each in LATE])


@pytest.fixture(scope="session", autouse=True)
def begun_early(request: pytest.FixtureRequest) -> None:
    """Start the fixtures that the markers `begun_early` and `begun_beside` of the tests name."""
    items = request.session.items
    marks = [item.get_closest_marker(marker) for item in items for marker in (EARLY, BESIDE)]
    for name in sorted({mark.args[0] for mark in marks if mark}):
        request.getfixturevalue(name)


@pytest.fixture(scope="session")
def recorded_calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which every function of the system records its calls of AWS."""
    return tmp_path_factory.mktemp("recorded-calls")


@pytest.fixture(scope="session", autouse=True)
def command_lines() -> Iterator[set[str]]:
    """All command lines of the machine, from before the system starts."""
    with watched() as lines:
        yield lines


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, recorded_calls: Path) -> Iterator[LocalSystem]:
    """Start the local system on free ports, with all its files in a temporary folder."""
    recorder = variables_of_recorder(recorded_calls)
    state = tmp_path_factory.mktemp("local-system")
    with temporary_system(state, function_variables=recorder) as running:
        yield running


@pytest.fixture
def client(system: LocalSystem) -> Iterator[ApiClient]:
    """A caller with a valid key that may only predict and read."""
    with ApiClient(system) as client:
        yield client


@pytest.fixture(scope="session")
def operator(system: LocalSystem) -> Iterator[ApiClient]:
    """A caller whose key has the scope to change deployments."""
    with ApiClient(system, key=new_key_with_scopes(system, "model:write")) as client:
        yield client


@pytest.fixture(scope="session")
def provider(system: LocalSystem) -> Iterator[ProviderConsole]:
    """Hugging Face, with the rights of the organisation's owner."""
    with ProviderConsole(system) as provider:
        yield provider


@pytest.fixture(scope="session")
def registered_early(system: LocalSystem) -> RegisteredEarly:  # noqa: ARG001 - MLflow is its
    """Models that later tests wait for, which come up beside the others."""
    return RegisteredEarly.register()


@pytest.fixture(scope="session")
def documented(
    operator: ApiClient,
    registered_early: RegisteredEarly,  # noqa: ARG001 - to begin with
    begun_models: FollowedModels,  # noqa: ARG001 - so are these
) -> dict[str, RegisteredVersion]:
    """The models that docs/api.md calls, by name; they are live."""
    bucket = registered_models.new_experiment_in_bucket()
    registered = {
        "iris classifier": registered_models.register_classifier(
            "iris classifier", experiment_id=bucket
        ),
        "greeter": registered_models.register_greeter("greeter"),
    }
    # A model is in the list from the beginning.
    assert wait_for(lambda: operator.listed_status("greeter") in BEFORE_LIVE, timeout_s=60)
    for name, model in registered.items():
        operator.wait_until_live(name, model.version)
    return registered


@pytest.fixture(scope="session")
def generated_calls(
    system: LocalSystem,
    operator: ApiClient,
    documented: dict[str, RegisteredVersion],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[GeneratedCalls]:
    """Begin calls that are generated from the API's documents."""
    tensor, table = documented
    with generated_calls_of(
        system,
        models=(tensor, table),
        operating_key=operator.http.headers["Authorization"].removeprefix("Bearer "),
        predicting_key=new_key_with_scopes(system, "model:read"),
        folder=tmp_path_factory.mktemp("generated-calls"),
    ) as begun:
        yield begun


@pytest.fixture(scope="session")
def unloadable_version(
    operator: ApiClient,
    registered_early: RegisteredEarly,
    documented: dict[str, RegisteredVersion],  # noqa: ARG001 - come first
) -> str:
    """The version of `registered_early.kept` that cannot start, on its way to failing."""
    name, good = registered_early.kept
    operator.wait_until_live(name, good.version)
    return registered_models.register_unloadable_model(name)


@pytest.fixture(scope="session")
def on_many_cores(
    provider: ProviderConsole,
    documented: dict[str, RegisteredVersion],  # noqa: ARG001 - come first
) -> tuple[str, str]:
    """Name and version of a model that comes up on a host with many cores."""
    name = f"container-{uuid4().hex[:6]}"
    provider.plan_start(name, host_cores=96)
    return name, registered_models.register_container_model(name)


@pytest.fixture
def undisturbed(request: pytest.FixtureRequest) -> None:
    """Wait until all generated calls are made, if there are any."""
    marks = [item.get_closest_marker(BESIDE) for item in request.session.items]
    if "generated_calls" in {mark.args[0] for mark in marks if mark}:
        request.getfixturevalue("generated_calls").wait()


@pytest.fixture(scope="session")
def registry(system: LocalSystem) -> Registry:
    """MLflow, with a doubling model that is logged and not yet registered."""
    return Registry(MlflowClient(system.mlflow_url), log_doubling_model())


@pytest.fixture(scope="session")
def begun_models(registry: Registry, operator: ApiClient) -> Iterator[FollowedModels]:
    """Two models that come up; undeployed after the last test."""
    models = FollowedModels.register(registry, operator)
    yield models
    models.undeploy()


@pytest.fixture(scope="session")
def followed_models(begun_models: FollowedModels) -> FollowedModels:
    """Two models whose first versions serve."""
    begun_models.wait_until_serving()
    return begun_models


@pytest.fixture
def model(followed_models: FollowedModels) -> str:
    """Name of a model that serves, whatever an earlier test did to it."""
    return followed_models.serving(followed_models.first)


@pytest.fixture
def other_model(followed_models: FollowedModels) -> str:
    """Name of a second one, for tests that change the model in MLflow."""
    return followed_models.serving(followed_models.second)


@pytest.fixture
def live(operator: ApiClient, model: str) -> dict[str, Any]:
    """The deployment that serves `model`."""
    serving = operator.serving_deployment(model)
    assert serving is not None
    return serving


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

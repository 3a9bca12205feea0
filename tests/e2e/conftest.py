"""Fixtures of the end-to-end tests: one local system for all of them, with models of their own.

Tests marked `begun_early(fixture)` look at work that mostly waits: bad versions that are slow to
fail, and deployments that crash. Their fixture starts it before the first test, and they run late.
`make test-faults` runs them alone, then those marked `long`. Those marked `begun_beside(fixture)`
are not moved.

Tests marked `concurrent` wait for minutes, each on models of its own: they run in threads, from
before the first test on, and take their turn in the order after most others. Only then come those
marked `alone`, which would disturb them, and at last those marked `at_the_end`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e.support import concurrent_tests, registered_models
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key_with_scopes
from tests.e2e.support.command_lines import watched
from tests.e2e.support.concurrent_tests import CONCURRENT
from tests.e2e.support.fault_fixtures import (  # noqa: F401 - fixtures
    crash_run,
    crashes,
    model_uris,
    started_rollout,
)
from tests.e2e.support.followed_models import FollowedModel, Registry
from tests.e2e.support.generated_calls import GeneratedCalls
from tests.e2e.support.generated_calls import generated_calls as generated_calls_of
from tests.e2e.support.lambda_functions import TASKS, LambdaFunctions
from tests.e2e.support.logged_models import LoggedModels
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.registered_early import RegisteredEarly
from tests.e2e.support.registered_models import RegisteredVersion
from tests.e2e.support.temporary_system import temporary_system
from tests.rights.recording import variables_of_recorder

EARLY, BESIDE = "begun_early", "begun_beside"
BEFORE_LIVE = {"pending", "deploying"}
LATE = ("at_the_end", EARLY, "alone", CONCURRENT)
ALL_CALLS = {"AGREEMENT_SHARE": "1", "AGREEMENT_CALLS": "1000", "AGREEMENT_MINUTES": "1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by their marks, as is said above; otherwise they stay in their order."""
    items.sort(key=lambda item: [item.get_closest_marker(each) is not None for each in LATE])


@pytest.fixture(scope="session", autouse=True)
def begun_early(request: pytest.FixtureRequest) -> None:
    """Start the fixtures that the markers `begun_early` and `begun_beside` of the tests name."""
    items = request.session.items
    marks = [item.get_closest_marker(marker) for item in items for marker in (EARLY, BESIDE)]
    for name in sorted({mark.args[0] for mark in marks if mark}):
        request.getfixturevalue(name)
    if any(item.get_closest_marker(CONCURRENT) for item in items):
        request.getfixturevalue("concurrent")


@pytest.fixture(scope="session")
def concurrent(
    request: pytest.FixtureRequest,
    registered_early: RegisteredEarly,  # noqa: ARG001 - to begin with
) -> Iterator[None]:
    """Start the tests that are marked so."""
    with concurrent_tests.running(request.session.items, request.getfixturevalue):
        yield


@pytest.fixture(scope="session")
def all_calls_are_compared(system: LocalSystem) -> Iterator[None]:
    """For a minute, if a version asks to be compared."""
    with LambdaFunctions(system).reconfigured({f"{TASKS}agree": ALL_CALLS}):
        yield


@pytest.fixture(scope="session")
def logged_models(system: LocalSystem) -> LoggedModels:  # noqa: ARG001 - MLflow is its
    """Models that are logged and not yet registered."""
    return LoggedModels.log()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Take the outcome of a test that is running already; pytest calls all others itself."""
    return concurrent_tests.has_run(pyfuncitem) or None


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


@pytest.fixture(scope="session")
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
def registered_early(
    logged_models: LoggedModels,
    documented: dict[str, RegisteredVersion],  # noqa: ARG001 - are live before
    begun_model: FollowedModel,  # noqa: ARG001 - comes up with them
) -> RegisteredEarly:
    """Models that later tests wait for, which come up beside the others."""
    return RegisteredEarly.register(logged_models)


@pytest.fixture(scope="session")
def begun_documented(operator: ApiClient) -> dict[str, RegisteredVersion]:
    """The models that docs/api.md calls, by name; they are coming up."""
    bucket = registered_models.new_experiment_in_bucket()
    registered = {
        "iris classifier": registered_models.register_classifier(
            "iris classifier", experiment_id=bucket
        ),
        "greeter": registered_models.register_greeter("greeter"),
    }
    # A model is in the list from the beginning.
    assert wait_for(lambda: operator.listed_status("greeter") in BEFORE_LIVE, timeout_s=60)
    return registered


@pytest.fixture(scope="session")
def documented(
    operator: ApiClient,
    begun_documented: dict[str, RegisteredVersion],
    logged_models: LoggedModels,  # noqa: ARG001 - are logged meanwhile
) -> dict[str, RegisteredVersion]:
    """The models that docs/api.md calls, by name; they are live."""
    for name, model in begun_documented.items():
        operator.wait_until_live(name, model.version)
    return begun_documented


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


@pytest.fixture
def undisturbed(request: pytest.FixtureRequest) -> None:
    """Wait until all generated calls are made, if there are any."""
    marks = [item.get_closest_marker(BESIDE) for item in request.session.items]
    if "generated_calls" in {mark.args[0] for mark in marks if mark}:
        request.getfixturevalue("generated_calls").wait()


@pytest.fixture(scope="session")
def registry(system: LocalSystem, logged_models: LoggedModels) -> Registry:
    """MLflow, with a doubling model that is logged and not yet registered."""
    return Registry(MlflowClient(system.mlflow_url), logged_models.doubling)


@pytest.fixture(scope="session")
def begun_model(
    registry: Registry,
    operator: ApiClient,
    documented: dict[str, RegisteredVersion],  # noqa: ARG001 - are live before
) -> FollowedModel:
    """A model that comes up."""
    return FollowedModel.register(registry, operator)


@pytest.fixture(scope="session")
def followed_model(begun_model: FollowedModel, operator: ApiClient) -> FollowedModel:
    """A model whose first version serves."""
    operator.wait_until_serving(begun_model.name, "1")
    return begun_model


@pytest.fixture
def model(followed_model: FollowedModel) -> str:
    """Name of a model that serves, whatever an earlier test did to it."""
    return followed_model.serving()


@pytest.fixture
def live(operator: ApiClient, model: str) -> dict[str, Any]:
    """The deployment that serves `model`."""
    serving = operator.serving_deployment(model)
    assert serving is not None
    return serving

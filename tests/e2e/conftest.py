"""One local system for all end-to-end tests; each test registers models of its own.

What mostly waits (bad candidates that are slow to fail, deployments that crash) is begun before the
first test and looked at after the last: tests marked `begun_early`, with their fixture's name. They
are `make test-faults`.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import mlflow
import pytest

from infra.local.system import LocalSystem, Options, running_system
from tests.e2e import candidates, models
from tests.e2e.candidates import CANDIDATES
from tests.e2e.client import Client, key_with
from tests.e2e.functions import Functions
from tests.e2e.provider import Provider
from tests.e2e.stories import BAD, Crashes, Telling, telling
from tests.e2e.trial import Trial, Uris, tried

EARLY = "begun_early"
IN_LAMBDA = Path(__file__).parent / "in_lambda"
# As an impatient installation has them, so that the silent and the unhealthy take less long.
IMPATIENT = {
    "check": {"ENDPOINT_DEADLINE_S": "120"},
    "verify": {"VERIFY_TIMEOUT_S": "6", "VERIFY_TIMES": "3"},
}


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """Started once, on free ports, with all its files in a temporary folder."""
    state = tmp_path_factory.mktemp("local-system")
    say = logging.getLogger("local system").info
    with running_system(Options(state=state, ports={}, startup_s=1), say=say) as running:
        mlflow.set_tracking_uri(running.mlflow_url)
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What was begun early is looked at last."""
    items.sort(key=lambda item: item.get_closest_marker(EARLY) is not None)


@pytest.fixture(scope="session", autouse=True)
def begun_early(request: pytest.FixtureRequest) -> None:
    """What the collected tests want to have begun."""
    marks = [item.get_closest_marker(EARLY) for item in request.session.items]
    for name in sorted({mark.args[0] for mark in marks if mark}):
        request.getfixturevalue(name)


@pytest.fixture(scope="session")
def crashes(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashes]:
    """Every task's function with an entry that can crash, and less patience with endpoints."""
    folder = tmp_path_factory.mktemp("crashes")
    functions = Functions(system)
    can_crash = {"CRASHES": str(folder), "PYTHONPATH": str(IN_LAMBDA)}
    variables = {
        entry: can_crash | IMPATIENT.get(task, {}) for task, entry in functions.tasks.items()
    }
    entries = {entry: f"crashing.{task}" for task, entry in functions.tasks.items()}
    with functions.changed(variables, entries=entries):
        yield Crashes(folder, tuple(functions.tasks))


@pytest.fixture(scope="session")
def uris(system: LocalSystem) -> Uris:  # noqa: ARG001 - MLflow is its
    """Logged before anything is begun: MLflow's warnings are silenced for the whole process."""
    bad = {each.name: candidates.logged(each) for each in CANDIDATES}
    return {"good": candidates.logged(), **bad}


@pytest.fixture(scope="session")
def trial_begun(
    system: LocalSystem,
    operator: Client,
    provider: Provider,
    crashes: Crashes,  # noqa: ARG001 - and the impatience
    uris: Uris,
) -> Iterator[Future[Trial]]:
    """Bad candidates, tried on live models."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(tried, system, operator, provider, uris)


@pytest.fixture(scope="session")
def stories(
    system: LocalSystem, operator: Client, crashes: Crashes, uris: Uris
) -> Iterator[Telling]:
    """Deployments that crash."""
    with telling(system, operator, crashes, good=uris["good"], bad=uris[BAD.name]) as told:
        yield told


@pytest.fixture(scope="session")
def documented(operator: Client) -> dict[str, models.Registered]:
    """The models that docs/api.md calls, live."""
    registered = {
        "iris classifier": models.register_classifier("iris classifier"),
        "greeter": models.register_greeter("greeter"),
    }
    for name, model in registered.items():
        operator.wait_until_live(name, model.version)
    return registered


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

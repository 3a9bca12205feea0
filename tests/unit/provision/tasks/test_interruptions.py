"""Attempts that break off are seen at once, with the cause in words, and once."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import ProviderUnavailableError
from functions.provision.ports import ProvisionPorts
from functions.provision.registry.base import RegistryUnavailableError
from functions.provision.removal import Removal
from functions.provision.settings import ProvisionSettings
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.runner import TaskError, TaskOutcome, run_task
from functions.provision.tasks.workflow_tasks import WorkflowTasks
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import CountingStore, FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.provider import InMemoryProvider
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore

PENDING = a_deployment(status=Status.PENDING)
STATE = {"model_id": "iris", "deployment_id": PENDING.id}
WORDS = "MLflow answered 500 for the version's files: NoSuchBucket."


def breaking(error: Exception) -> Callable[[Deployment], TaskOutcome]:
    def task(_deployment: Deployment) -> TaskOutcome:
        raise error

    return task


def attempt(store: Any, error: Exception, **options: Any) -> None:
    with pytest.raises(TaskError):
        run_task("validate", STATE, breaking(error), store=store, now=lambda: NOON, **options)


def outcomes(store: FakeDeploymentStore) -> list[tuple[str, str]]:
    return [(each.step, each.outcome) for each in store.deployments[PENDING.id].timeline]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RegistryUnavailableError(WORDS), WORDS),
        (
            ProviderUnavailableError("The provider does not answer."),
            "The provider does not answer.",
        ),
        (RuntimeError("https://internal.test?token=secret"), "RuntimeError."),
        (RegistryUnavailableError("x" * 5_000), "x" * 500),
    ],
)
def test_the_first_attempt_that_breaks_off_is_in_the_timeline(error: Exception, words: str) -> None:
    store = FakeDeploymentStore(PENDING)

    attempt(store, error)

    assert [("validate", f"being tried again: {words}")] == outcomes(store)


def test_the_same_cause_again_is_not_written_again() -> None:
    fake = FakeDeploymentStore(PENDING)
    store, seen = CountingStore(fake), []

    for error in [RegistryUnavailableError(WORDS)] * 3 + [RegistryUnavailableError("Another.")]:
        attempt(store, error, on_interruption=lambda _deployment, words: seen.append(words))

    assert 2 == store.calls["update"]
    assert [WORDS, "Another."] == seen
    assert [("validate", "being tried again: Another.")] == outcomes(fake)


def test_the_step_that_is_done_after_all_is_done() -> None:
    store = FakeDeploymentStore(PENDING)
    attempt(store, RegistryUnavailableError(WORDS))

    run_task("validate", STATE, lambda _: TaskOutcome(name="valid"), store=store)

    assert [("validate", "valid")] == outcomes(store)


def test_trouble_with_noting_it_changes_nothing() -> None:
    """The attempt's own error counts."""
    attempt(FakeDeploymentStore(PENDING), RuntimeError(), on_interruption=lambda *_: 1 / 0)


def test_an_ended_deployment_is_not_written() -> None:
    store = FakeDeploymentStore(a_deployment(status=Status.FAILED))

    attempt(store, RuntimeError(), accepts=frozenset(Status))

    assert [] == outcomes(store)


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (RegistryUnavailableError(WORDS), f": {WORDS}"),
        (RuntimeError("secret"), " (RuntimeError)."),
    ],
)
def test_the_last_attempts_words_are_the_reason(error: Exception, ending: str) -> None:
    store = FakeDeploymentStore(PENDING)
    attempt(store, error)
    cause = f'{{"errorMessage": "validate: {type(error).__name__}"}}'
    removal = Removal(store=store, control=FakeEndpointControl(), namespace="acme")

    CleanUp(store=store, removal=removal).clean_up(
        store.deployments[PENDING.id], {"failure": {"Error": "TaskError", "Cause": cause}}
    )

    record = store.deployments[PENDING.id]
    assert f"The step validate could not be completed after several attempts{ending}" == (
        record.reason
    )
    assert record.retryable


class Faltering(FakeModelRegistry):
    """A registry whose files cannot be read while `falters`."""

    falters = True

    def version(self, name: str, version: str) -> Any:
        if self.falters:
            raise RegistryUnavailableError(WORDS)
        return super().version(name, version)


def test_the_version_is_tagged_at_once_and_until_it_goes_on() -> None:
    """With MLflow's own words, while the workflow tries again."""
    registry = Faltering(a_version())
    ports = ProvisionPorts(
        tallies=FakeTallyStore,
        serving_state=a_serving_state,
        deployments=FakeDeploymentStore(PENDING),
        kept_logs=FakeKeptLogs(),
        ledger=FakeLedger(),
        provider=InMemoryProvider(),
        registry=lambda: registry,
        now=lambda: NOON,
    )
    settings = ProvisionSettings(table_name="t", installation="i", deploy_alias="")
    tasks = WorkflowTasks(ports=ports, settings=settings)

    with pytest.raises(TaskError):
        tasks.run("validate", STATE)

    registry.falters = False
    tags = {"hokus.deployment_id": PENDING.id}
    reason = f"Being tried again: {WORDS}"
    version = registry.version("iris", "1")
    assert {**tags, "hokus.status": "pending", "hokus.reason": reason} == version.tags
    tasks.run("validate", STATE)
    assert {**tags, "hokus.status": "deploying"} == registry.version("iris", "1").tags

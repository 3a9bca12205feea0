"""The tasks' Lambda entries, from the webhook's record to a live deployment, on fakes."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.common.providers.base import EndpointState, ProviderUnavailableError
from functions.provision import handler
from functions.provision.bootstrap import bootstrap
from functions.provision.names import endpoint_name
from functions.provision.ports import ProvisionPorts
from functions.provision.settings import ProvisionSettings
from functions.provision.tasks.runner import TaskError, logger
from functions.provision.tasks.workflow_tasks import WorkflowTasks
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_hub import FakeModelHub
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.price_list import FakePriceList
from tests.fakes.provider import InMemoryProvider
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore

BEFORE_ACTIVATION = ("validate", "package", "create", "check", "verify")
PENDING = a_deployment(status=Status.PENDING)
STATE = {"model_id": PENDING.model_id, "deployment_id": PENDING.id}
NAME = endpoint_name(PENDING.model_id, PENDING.id)
URL = "https://x.us-east-1.aws.endpoints.huggingface.cloud"
CONTEXT: Any = SimpleNamespace(
    function_name="provision",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:provision",
    aws_request_id="request-1",
)


class World:
    """Everything that the tasks read and write."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore(PENDING)
        self.control, self.hub = FakeEndpointControl(), FakeModelHub()
        self.registry = FakeModelRegistry(a_version())
        self.inference = FakeInferenceClient([[0.1, 0.2, 0.3, 0.4]])
        self.price_list, self.log = FakePriceList(), io.StringIO()

    def tasks(self) -> WorkflowTasks:
        """Return the tasks on the fakes."""
        provider = InMemoryProvider(
            control=self.control, inference=self.inference, hub=self.hub, prices=self.price_list
        )
        ports = ProvisionPorts(
            tallies=FakeTallyStore,
            serving_state=a_serving_state,
            deployments=self.store,
            kept_logs=FakeKeptLogs(),
            ledger=FakeLedger(),
            provider=provider,
            registry=lambda: self.registry,
        )
        return bootstrap(ports, ProvisionSettings(table_name="t", installation="i"))

    def record(self) -> Any:
        return self.store.deployments[PENDING.id]

    def lines(self) -> list[dict[str, Any]]:
        """The lines logged."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The tasks on fakes."""
    made = World()
    monkeypatch.setattr(handler, "workflow_tasks", made.tasks)
    listener = logging.StreamHandler(made.log)
    listener.setFormatter(logger.registered_formatter)
    logger.addHandler(listener)
    yield made
    logger.removeHandler(listener)  # type: ignore[attr-defined]  # delegated


def run(task: str, **state: Any) -> dict[str, Any]:
    return getattr(handler, task)({**STATE, **state}, CONTEXT)


def bring_up(world: World, *, times: int = 1) -> list[Any]:
    """Run every task in the workflow's order, each *times* times; return the last results."""
    outcomes = []
    for task in (*BEFORE_ACTIVATION, "activate", "retire"):
        if task == "check":
            world.control.become(NAME, EndpointState.RUNNING, url=URL)
        results = [run(task) for _ in range(times)]
        assert results == [results[0]] * times
        outcomes.append(results[0]["outcome"])
    return outcomes


UP = ["valid", "packaged", "created", "ready", "verified", "activated", "retired"]


@pytest.mark.parametrize("times", [1, 2])
def test_each_task_can_run_twice(world: World, times: int) -> None:
    """With the same results and the same record."""
    assert UP == bring_up(world, times=times)

    record = world.record()
    assert (Status.DEPLOYED, URL, None) == (record.status, record.endpoint.url, record.reason)
    assert [NAME] == list(world.control.endpoints)
    steps = [*BEFORE_ACTIVATION, "activate", "retire"]
    assert steps == [entry.step for entry in record.timeline]


def test_the_timeline_has_the_outcome_of_each_step(world: World) -> None:
    """Or a longer text."""
    world.registry = FakeModelRegistry(a_version(input_example=None))
    bring_up(world)

    timeline = {entry.step: entry.outcome for entry in world.record().timeline}

    assert "created" == timeline["create"]
    assert "unverified input" in timeline["verify"]
    assert "nothing to retire" == timeline["retire"]


def test_waiting_makes_no_timeline_entry(world: World) -> None:
    """A check runs dozens of times."""
    for task in ("validate", "package", "create"):
        run(task)

    assert {"outcome": "waiting", "wait_s": 1} == run("check")
    assert "check" not in [entry.step for entry in world.record().timeline]


@pytest.mark.parametrize(
    ("task", "statuses"),
    [
        *((task, "deployed stopped failed") for task in BEFORE_ACTIVATION),
        ("activate", "stopped failed"),
        *((task, "pending deploying") for task in ("bake", "retire")),
    ],
)
def test_an_ended_deployment_is_superseded(world: World, task: str, statuses: str) -> None:
    """No task works on it, and nothing is written."""
    for status in statuses.split():
        moved = changed(PENDING, status=Status(status))
        world.store = FakeDeploymentStore(moved)

        result = run(task)

        assert ("superseded", f"The deployment is already {status}.") == tuple(result.values())
        assert moved == world.record()


@pytest.mark.parametrize("task", ["validate", "create", "activate", "retire", "clean_up"])
def test_a_deployment_without_a_record_is_superseded(world: World, task: str) -> None:
    """Somebody deleted it."""
    world.store = FakeDeploymentStore()

    assert "superseded" == run(task)["outcome"]


def test_a_second_version_retires_the_first(world: World) -> None:
    """The activation's result says whether there is a deployment to retire."""
    old = a_deployment(
        model_version="0", requested_at=NOON - timedelta(hours=1), status=Status.DEPLOYED
    )
    world.store = FakeDeploymentStore(PENDING, old)
    for task in ("validate", "package", "create"):
        run(task)
    world.control.become(NAME, EndpointState.RUNNING, url=URL)
    run("check")

    assert {"outcome": "activated", "replaced_id": old.id} == run("activate")
    assert {"outcome": "retired"} == run("retire", result={"outcome": "activated"})


@pytest.mark.parametrize("task", ["validate", "package", "create", "check", "verify"])
def test_a_newer_request_ends_an_older_deployment_at_its_next_step(world: World, task: str) -> None:
    """At any step."""
    set_desired(
        world.store, a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
    )

    assert "superseded" == run(task)["outcome"]
    assert PENDING == world.record()


def test_a_newer_request_keeps_a_verified_deployment_from_going_live(world: World) -> None:
    """The activation checks it in its transaction."""
    world.store = FakeDeploymentStore(changed(PENDING, status=Status.DEPLOYING))
    set_desired(
        world.store, a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
    )

    assert "superseded" == run("activate")["outcome"]
    assert {} == world.store.live_ids


def test_rolling_back_reuses_the_endpoint_that_still_runs(world: World) -> None:
    """Nothing is packaged, created or waited for."""
    bring_up(world)
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
    back = a_deployment(requested_at=NOON + timedelta(hours=2), status=Status.PENDING)
    for each in (newer, back):
        world.store.add(each)
        set_desired(world.store, each)
        if each is newer:
            world.store.activate(newer)

    tasks = ("validate", "check", "verify", "activate")
    results = [run(task, deployment_id=back.id)["outcome"] for task in tasks]

    assert ["adopted", "ready", "verified", "activated"] == results
    live = world.store.live("iris")
    assert live
    assert (back.id, NAME) == (live.id, live.endpoint.name)
    assert [NAME] == list(world.control.endpoints)


def test_an_undeployed_deployment_is_retired_by_itself(world: World) -> None:
    """In an execution that only retires."""
    bring_up(world)
    standing = world.store.desired_deployments["iris"]
    nothing = replace(standing, deployment_id=None, model_version=None)
    world.store.set_desired(nothing, expected=standing)
    world.store.undeploy(world.record(), reason="Deleted in MLflow.")

    assert {"outcome": "retired"} == run("retire", retire_only=True)
    assert ({}, True) == (world.control.endpoints, world.record().endpoint.removed)


def test_an_error_is_raised_without_its_message(world: World) -> None:
    """The execution's history has its type only, because a message may be another system's."""
    run("validate")
    run("package")
    world.control.error = ProviderUnavailableError("https://internal.test said no")

    with pytest.raises(TaskError) as raised:
        run("create")

    assert "create: ProviderUnavailableError" == str(raised.value)
    assert raised.value.__suppress_context__


def test_the_clean_up_names_the_failed_step(world: World) -> None:
    """It reads the error that the task raised."""
    cause = json.dumps({"errorMessage": "create: ProviderUnavailableError"})

    result = run("clean_up", failure={"Error": "TaskError", "Cause": cause})

    assert {"outcome": "cleaned"} == result
    assert Status.FAILED is world.record().status
    assert "The step create" in world.record().reason


def test_every_step_logs_one_line(world: World) -> None:
    """With its ids, outcome and duration."""
    run("validate")

    (line,) = world.lines()
    assert "task.finished" == line["message"]
    assert ("validate", "valid") == (line["task"], line["outcome"])
    assert (PENDING.id, "iris") == (line["deployment_id"], line["model_id"])
    assert line["duration_ms"] >= 0
    assert "request-1" == line["function_request_id"]


def test_an_error_is_logged_with_its_message(world: World) -> None:
    """The log is the only place that has it."""
    run("validate")
    run("package")
    world.control.error = ProviderUnavailableError("no answer")
    with pytest.raises(TaskError):
        run("create")

    line = world.lines()[-1]
    assert ("task.broken", "create", "ERROR") == (line["message"], line["task"], line["level"])
    assert "no answer" in line["exception"]


def test_no_log_line_has_the_secret(world: World) -> None:
    """Of any step."""
    bring_up(world)

    secret = world.record().endpoint.secret
    assert secret
    assert secret not in world.log.getvalue()

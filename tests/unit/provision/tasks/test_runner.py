"""The frame of every task: whether it runs, the timeline, and its result."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import (
    Change,
    Comparison,
    Deployment,
    Status,
    TimelineEntry,
)
from functions.provision.tasks.runner import TaskError, TaskOutcome, failed, run_task, superseded
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import CountingStore, FakeDeploymentStore

DEPLOYMENT = a_deployment()
NEWER = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
NOTHING = DesiredDeployment(
    model_id="iris", deployment_id=None, model_version=None, requested_at=NOON + timedelta(hours=2)
)
DONE = TaskOutcome(name="done")


class Step:
    """A task with *outcome* that records the deployments it ran for."""

    def __init__(self, outcome: TaskOutcome = DONE) -> None:
        self.outcome = outcome
        self.ran: list[str] = []

    def __call__(self, deployment: Deployment) -> TaskOutcome:
        self.ran.append(deployment.id)
        return self.outcome


def run(
    store: FakeDeploymentStore, step: Step, *, id_: str = DEPLOYMENT.id, **options: Any
) -> dict[str, Any]:
    state = {"model_id": "iris", "deployment_id": id_}
    return run_task("validate", state, step, store=store, now=lambda: NOON, **options)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (DONE, {"outcome": "done"}),
        (failed("Bad."), {"outcome": "failed", "reason": "Bad."}),
        (
            failed("Quota.", retryable=True),
            {"outcome": "failed", "reason": "Quota.", "retryable": True},
        ),
        (superseded("Newer."), {"outcome": "superseded", "reason": "Newer."}),
        (
            TaskOutcome(name="done", note="for people", details={"replaced_id": None}),
            {"outcome": "done", "replaced_id": None},
        ),
    ],
)
def test_a_result_has_what_the_state_machine_branches_on(
    outcome: TaskOutcome, expected: dict[str, Any]
) -> None:
    """Keys without a value are left out; texts for people stay in the timeline."""
    assert expected == outcome.result()


def test_the_desired_deployment_is_worked_on() -> None:
    """The ordinary case."""
    step = Step()

    assert {"outcome": "done"} == run(FakeDeploymentStore(DEPLOYMENT), step)
    assert [DEPLOYMENT.id] == step.ran


def test_a_deployment_that_is_no_longer_desired_is_superseded() -> None:
    """A newer version was registered during its deployment."""
    store, step = FakeDeploymentStore(DEPLOYMENT, NEWER), Step()

    result = run(store, step)

    reason = "Another deployment, of version 2, has been requested meanwhile."
    assert {"outcome": "superseded", "reason": reason} == result
    assert [] == step.ran
    assert DEPLOYMENT == store.deployments[DEPLOYMENT.id]


def test_the_newest_request_may_be_an_older_version() -> None:
    """An alias that moves back, or an operator's request."""
    store, step = FakeDeploymentStore(DEPLOYMENT, NEWER), Step()
    set_desired(store, DEPLOYMENT)

    assert {"outcome": "done"} == run(store, step)


def test_a_deployment_of_an_undeployed_model_is_superseded() -> None:
    """The model was undeployed, or deleted in MLflow."""
    store, step = FakeDeploymentStore(DEPLOYMENT), Step()
    store.set_desired(NOTHING, expected=store.desired("iris"))

    reason = "The model is not meant to serve anything any more."
    assert {"outcome": "superseded", "reason": reason} == run(store, step)
    assert [] == step.ran


def test_a_deployment_without_a_desired_one_is_superseded() -> None:
    """Its request lost to a newer one."""
    store, step = FakeDeploymentStore(DEPLOYMENT), Step()
    store.desired_deployments.clear()

    assert "superseded" == run(store, step)["outcome"]
    assert [] == step.ran


@pytest.mark.parametrize(
    "accepts", [frozenset({Status.DEPLOYING, Status.DEPLOYED}), frozenset(Status)]
)
def test_clean_up_and_retirement_do_not_need_a_desired_deployment(
    accepts: frozenset[Status],
) -> None:
    """They work on deployments that are no longer requested."""
    store, step = FakeDeploymentStore(DEPLOYMENT, NEWER), Step()

    assert {"outcome": "done"} == run(store, step, accepts=accepts)


@pytest.mark.parametrize("status", [Status.DEPLOYED, Status.STOPPED, Status.FAILED])
def test_an_ended_deployment_is_not_worked_on(status: Status) -> None:
    """For example by an execution that continues after the deployment was given up."""
    store, step = FakeDeploymentStore(a_deployment(status=status)), Step()

    reason = f"The deployment is already {status.value}."
    assert {"outcome": "superseded", "reason": reason} == run(store, step)
    assert [] == step.ran


def test_a_deployment_without_a_record_is_superseded() -> None:
    """Somebody deleted it."""
    step = Step()

    result = run(FakeDeploymentStore(), step)

    expected = {"outcome": "superseded", "reason": "The deployment is not on record."}
    assert expected == result
    assert [] == step.ran


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (DONE, "done"),
        (TaskOutcome(name="done", note="done, by its health alone"), "done, by its health alone"),
        (failed("Bad."), "failed"),
    ],
)
def test_the_timeline_has_the_outcome(outcome: TaskOutcome, words: str) -> None:
    """One entry per step, the latest."""
    earlier = TimelineEntry(step="validate", time=NOON - timedelta(hours=1), outcome="broken")
    store = FakeDeploymentStore(changed(DEPLOYMENT, timeline=(earlier,)))

    run(store, Step(outcome))

    expected = (TimelineEntry(step="validate", time=NOON, outcome=words),)
    assert expected == store.deployments[DEPLOYMENT.id].timeline


@pytest.mark.parametrize("name", ["waiting", "deleting", "activated"])
def test_some_outcomes_make_no_timeline_entry(name: str) -> None:
    """A check runs dozens of times; the activation writes its entry in its own transaction."""
    store = FakeDeploymentStore(DEPLOYMENT)

    assert {"outcome": name} == run(store, Step(TaskOutcome(name=name)))
    assert DEPLOYMENT == store.deployments[DEPLOYMENT.id]


def run_on_record(store: FakeDeploymentStore, task: Callable[[Deployment], TaskOutcome]) -> Any:
    state = {"model_id": "iris", "deployment_id": DEPLOYMENT.id}
    return run_task("clean_up", state, task, store=store, now=lambda: NOON)


def test_a_task_reads_once_and_writes_once() -> None:
    """Changes and timeline are one update."""
    store = CountingStore(FakeDeploymentStore(DEPLOYMENT))

    run_task(
        "create",
        {"model_id": "iris", "deployment_id": DEPLOYMENT.id},
        lambda deployment: replace(DONE, changed=changed(deployment, instance_size="x2")),
        store=store,
    )

    assert {"with_desired": 1, "update": 1} == store.calls
    record = store.get("iris", DEPLOYMENT.id)
    assert record
    assert ("x2", ["create"]) == (
        record.endpoint.instance_size,
        [entry.step for entry in record.timeline],
    )


def test_the_timeline_is_added_to_the_record_that_the_task_wrote() -> None:
    """A clean-up ends the record itself."""
    store = FakeDeploymentStore(DEPLOYMENT)

    def end(deployment: Deployment) -> TaskOutcome:
        ended = changed(deployment, status=Status.FAILED, reason="Bad.")
        return replace(DONE, stored=store.update(deployment, ended))

    run_on_record(store, end)

    record = store.deployments[DEPLOYMENT.id]
    assert (Status.FAILED, "Bad.") == (record.status, record.reason)
    assert ["clean_up"] == [entry.step for entry in record.timeline]


def test_a_record_that_changes_meanwhile_is_read_again() -> None:
    """The task runs again and is superseded."""
    store = FakeDeploymentStore(DEPLOYMENT)

    def overtaken(deployment: Deployment) -> TaskOutcome:
        store.update(deployment, changed(deployment, status=Status.FAILED))
        return DONE

    with pytest.raises(TaskError):
        run_on_record(store, overtaken)

    assert () == store.deployments[DEPLOYMENT.id].timeline
    assert "superseded" == run(store, Step())["outcome"]


def test_a_record_that_is_too_large_fails_for_good() -> None:
    """Trying again would end the same, for four hours."""
    store = FakeDeploymentStore(DEPLOYMENT)
    columns = [{"name": f"{number * 7919**7:x}", "type": "double"} for number in range(40_000)]

    result = run(
        store, Step(TaskOutcome(name="done", changed=changed(DEPLOYMENT, input_schema=columns)))
    )

    assert "failed" == result["outcome"]
    assert "too large" in result["reason"]
    assert "retryable" not in result


def test_an_unavailable_table_is_a_retryable_error() -> None:
    """Every error has one form, without other systems' messages."""
    store = FakeDeploymentStore(DEPLOYMENT, error=RuntimeError("https://internal.test"))

    with pytest.raises(TaskError) as raised:
        run(store, Step())

    assert "validate: RuntimeError" == str(raised.value)


def test_the_timeline_has_what_the_task_compared() -> None:
    """With the version that was live."""
    store = FakeDeploymentStore(DEPLOYMENT)
    found = Comparison(version="1", changes=(Change(text="It is new.", breaking=False),))

    run(store, Step(TaskOutcome(name="valid", compared=found)))

    assert found == store.deployments[DEPLOYMENT.id].compared

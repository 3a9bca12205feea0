"""What every task shares: who may go on, what the timeline says, how an outcome looks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, Status, TimelineEntry
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
    """A use case that ends with *outcome* and remembers whom it was run for."""

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
def test_an_outcome_is_what_the_state_machine_chooses_by(
    outcome: TaskOutcome, expected: dict[str, Any]
) -> None:
    """Keys only where they say something; what is for people stays in the timeline."""
    assert expected == outcome.result()


def test_the_models_target_is_worked_on() -> None:
    """That is the ordinary case."""
    step = Step()

    assert {"outcome": "done"} == run(FakeDeploymentStore(DEPLOYMENT), step)
    assert [DEPLOYMENT.id] == step.ran


def test_what_is_not_the_target_any_more_is_superseded() -> None:
    """A newer version was registered while it was coming up."""
    store, step = FakeDeploymentStore(DEPLOYMENT, NEWER), Step()

    result = run(store, step)

    reason = "Another deployment, of version 2, has been requested meanwhile."
    assert {"outcome": "superseded", "reason": reason} == result
    assert [] == step.ran
    assert DEPLOYMENT == store.deployments[DEPLOYMENT.id]


def test_the_newest_wish_may_be_an_older_version() -> None:
    """An alias that moves back, or an operator's word."""
    store, step = FakeDeploymentStore(DEPLOYMENT, NEWER), Step()
    set_desired(store, DEPLOYMENT)

    assert {"outcome": "done"} == run(store, step)


def test_without_anything_to_serve_it_is_superseded() -> None:
    """The model was undeployed, or deleted in MLflow."""
    store, step = FakeDeploymentStore(DEPLOYMENT), Step()
    store.set_desired(NOTHING, expected=store.desired("iris"))

    reason = "The model is not meant to serve anything any more."
    assert {"outcome": "superseded", "reason": reason} == run(store, step)
    assert [] == step.ran


def test_without_a_target_it_is_superseded() -> None:
    """A record that nobody has requested: its request lost to a newer one."""
    store, step = FakeDeploymentStore(DEPLOYMENT), Step()
    store.desired_deployments.clear()

    assert "superseded" == run(store, step)["outcome"]
    assert [] == step.ran


@pytest.mark.parametrize(
    "accepts", [frozenset({Status.DEPLOYING, Status.DEPLOYED}), frozenset(Status)]
)
def test_a_task_that_takes_more_than_what_comes_up_asks_for_no_target(
    accepts: frozenset[Status],
) -> None:
    """Cleaning up and retiring are for those that are not requested any more."""
    store, step = FakeDeploymentStore(DEPLOYMENT, NEWER), Step()

    assert {"outcome": "done"} == run(store, step, accepts=accepts)


@pytest.mark.parametrize("status", [Status.DEPLOYED, Status.STOPPED, Status.FAILED])
def test_what_has_ended_is_not_worked_on(status: Status) -> None:
    """An execution that runs on after its deployment was given up, say."""
    store, step = FakeDeploymentStore(a_deployment(status=status)), Step()

    reason = f"The deployment is already {status.value}."
    assert {"outcome": "superseded", "reason": reason} == run(store, step)
    assert [] == step.ran


def test_what_is_off_the_record_is_superseded() -> None:
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
def test_the_timeline_says_how_it_ended(outcome: TaskOutcome, words: str) -> None:
    """Once per step, the latest."""
    earlier = TimelineEntry(step="validate", time=NOON - timedelta(hours=1), outcome="broken")
    store = FakeDeploymentStore(changed(DEPLOYMENT, timeline=(earlier,)))

    run(store, Step(outcome))

    expected = (TimelineEntry(step="validate", time=NOON, outcome=words),)
    assert expected == store.deployments[DEPLOYMENT.id].timeline


@pytest.mark.parametrize("name", ["waiting", "deleting", "activated"])
def test_some_outcomes_leave_no_trace(name: str) -> None:
    """A check runs dozens of times; the activation writes its entry within its transaction."""
    store = FakeDeploymentStore(DEPLOYMENT)

    assert {"outcome": name} == run(store, Step(TaskOutcome(name=name)))
    assert DEPLOYMENT == store.deployments[DEPLOYMENT.id]


def run_on_record(store: FakeDeploymentStore, task: Callable[[Deployment], TaskOutcome]) -> Any:
    state = {"model_id": "iris", "deployment_id": DEPLOYMENT.id}
    return run_task("clean_up", state, task, store=store, now=lambda: NOON)


def test_changes_and_timeline_are_written_at_once() -> None:
    """One request reads, one writes."""
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


def test_the_timeline_is_written_onto_what_the_task_has_stored() -> None:
    """A clean-up ends the record itself."""
    store = FakeDeploymentStore(DEPLOYMENT)

    def end(deployment: Deployment) -> TaskOutcome:
        ended = changed(deployment, status=Status.FAILED, reason="Bad.")
        return replace(DONE, stored=store.update(deployment, ended))

    run_on_record(store, end)

    record = store.deployments[DEPLOYMENT.id]
    assert (Status.FAILED, "Bad.") == (record.status, record.reason)
    assert ["clean_up"] == [entry.step for entry in record.timeline]


def test_a_record_that_moves_on_meanwhile_is_read_again() -> None:
    """The task runs again, and finds it superseded."""
    store = FakeDeploymentStore(DEPLOYMENT)

    def overtaken(deployment: Deployment) -> TaskOutcome:
        store.update(deployment, changed(deployment, status=Status.FAILED))
        return DONE

    with pytest.raises(TaskError):
        run_on_record(store, overtaken)

    assert () == store.deployments[DEPLOYMENT.id].timeline
    assert "superseded" == run(store, Step())["outcome"]


def test_a_table_that_does_not_answer_is_tried_again() -> None:
    """Whatever breaks has one form, without other people's words."""
    store = FakeDeploymentStore(DEPLOYMENT, error=RuntimeError("https://internal.test"))

    with pytest.raises(TaskError) as raised:
        run(store, Step())

    assert "validate: RuntimeError" == str(raised.value)

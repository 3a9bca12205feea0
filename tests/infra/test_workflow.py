"""The provisioning workflow, run with made-up tasks."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.catalog import PREDICT, TASKS
from tests.infra.synthesized import Json, Synthesized
from tests.infra.workflow_run import NoChoiceMatchedError, definition, run

SUCCESS: dict[str, Json] = {
    "validate": {"outcome": "valid"},
    "package": {"outcome": "packaged"},
    "create": {"outcome": "created"},
    "check": {"outcome": "ready"},
    "prove": {"outcome": "proved"},
    "activate": {"outcome": "activated", "replaced_id": None},
    "retire": {"outcome": "retired"},
    "clean_up": {"outcome": "cleaned"},
}
CLEANING = ("retire", "clean_up")
BEFORE_LIVE = [task for task in TASKS if task not in CLEANING]


def broken(_state: Json) -> Any:
    raise LookupError


def tasks(**changed: Json | list[Json] | Callable[[Json], Any]) -> dict[str, Any]:
    """Tasks that succeed, but for *changed*: an answer, answers one after another, or a task."""
    return {name: _task(value) for name, value in {**SUCCESS, **changed}.items()}


def _task(value: Any) -> Callable[[Json], Any]:
    if callable(value):
        return value
    answers = list(value) if isinstance(value, list) else None
    return lambda _state: answers.pop(0) if answers else value


@pytest.fixture(scope="module")
def machine(production: Synthesized) -> Json:
    return definition(production)


def test_first_version_goes_live(machine: Json):
    """Every task in order; nothing was replaced, so nothing is retired."""
    passed = run(machine, tasks())
    steps = [state for state in passed if machine["States"][state]["Type"] == "Task"]

    assert ["Validate", "Package", "Create", "Check", "Prove", "Activate"] == steps
    assert "Deployed" == passed[-1]


def test_replaced_version_is_retired_after_its_last_users(machine: Json):
    """The old endpoint is deleted, but only after the wait."""
    activated = {"outcome": "activated", "replaced_id": "d-0"}
    passed = run(machine, tasks(activate=activated))

    assert ["WaitForLastUsers", "Retire", "Retired?", "Deployed"] == passed[-4:]


def test_check_is_repeated_until_the_endpoint_is_ready(machine: Json):
    """While the endpoint starts, the workflow waits and asks again."""
    passed = run(machine, tasks(check=[{"outcome": "waiting"}] * 2 + [{"outcome": "ready"}]))

    assert 3 == passed.count("WaitForEndpoint") == passed.count("Check")
    assert "Deployed" == passed[-1]


@pytest.mark.parametrize("outcome", ["failed", "superseded", "ignored", "never heard of"])
@pytest.mark.parametrize("task", BEFORE_LIVE)
def test_any_other_outcome_is_cleaned_up(machine: Json, task: str, outcome: str):
    """Whatever a task says that is not its success, what was created is removed."""
    passed = run(machine, tasks(**{task: {"outcome": outcome, "reason": "made up"}}))

    assert ["CleanUp", "Cleaned?", "CleanedUp"] == passed[-3:]


@pytest.mark.parametrize("task", BEFORE_LIVE)
def test_a_task_that_breaks_is_cleaned_up_and_its_failure_kept(machine: Json, task: str):
    """A task whose retries are used up leads to CleanUp, which reads why at `$.failure`."""
    seen: list[Json] = []
    run(machine, tasks(**{task: broken}, clean_up=lambda state: seen.append(state) or CLEANED))

    assert [{"Error": "LookupError"}] == [state["failure"] for state in seen]


@pytest.mark.parametrize("task", CLEANING)
def test_deletion_is_repeated_until_it_is_done(machine: Json, task: str):
    """An endpoint takes a while to go; the workflow ends when it is gone."""
    answers = {task: [{"outcome": "deleting"}, SUCCESS[task]]}
    passed = run(machine, tasks(**LEADING_TO[task], **answers))

    assert 1 == passed.count(f"WaitForDeletion ({task})")


@pytest.mark.parametrize("task", CLEANING)
@pytest.mark.parametrize("how", [broken, {"outcome": "never heard of"}], ids=["broken", "unknown"])
def test_a_task_that_cannot_delete_fails_the_execution(machine: Json, task: str, how: Any):
    """Nobody cleans up after Retire and CleanUp: the execution fails, and the alarm is raised."""
    with pytest.raises((LookupError, NoChoiceMatchedError)):
        run(machine, tasks(**LEADING_TO[task], **{task: how}))


def test_every_task_is_retried_whatever_it_raised(machine: Json):
    """Exceptions mean `try again`: with backoff, jitter and a longest wait."""
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            (retry,) = state["Retry"]
            assert ["States.ALL"] == retry["ErrorEquals"], name
            assert (2, "FULL") == (retry["BackoffRate"], retry["JitterStrategy"]), name
            assert retry["MaxAttempts"] >= 4, name
            assert retry["MaxDelaySeconds"] <= 60, name


def test_every_execution_ends_but_none_too_early(production: Synthesized, machine: Json):
    """The whole may last longer than all calls, retries and waits together; and not for ever."""
    needed = float(production.variables(TASKS["check"].handler)["ENDPOINT_DEADLINE_S"])
    for state in machine["States"].values():
        needed += state.get("Seconds", 0)
        if state["Type"] == "Task":
            (retry,) = state["Retry"]
            timeout = production.function(state["Resource"])["Timeout"]
            needed += timeout + retry["MaxAttempts"] * (timeout + retry["MaxDelaySeconds"])

    assert needed < machine["TimeoutSeconds"] < 86_400


def test_retirement_outwaits_lookups_and_predictions(production: Synthesized, machine: Json):
    """Nobody still predicts with the endpoint that is deleted."""
    predict = production.variables(PREDICT.handler)
    last_use_s = float(predict["LOOKUP_MAX_AGE_S"]) + float(predict["PREDICTION_DEADLINE_S"])

    assert machine["States"]["WaitForLastUsers"]["Seconds"] > last_use_s


def test_executions_are_logged_and_traced(production: Synthesized):
    """A person can see afterwards what happened; the state holds no secret."""
    machine = production.only("AWS::StepFunctions::StateMachine")

    assert "ALL" == machine["LoggingConfiguration"]["Level"]
    assert machine["TracingConfiguration"]["Enabled"]


def test_the_machine_calls_our_tasks_only(machine: Json):
    """Each task of the catalog is one state."""
    resources = [state["Resource"] for state in machine["States"].values() if "Resource" in state]

    assert sorted(spec.handler for spec in TASKS.values()) == sorted(resources)


CLEANED = SUCCESS["clean_up"]
LEADING_TO: dict[str, Json] = {
    "retire": {"activate": {"outcome": "activated", "replaced_id": "d-0"}},
    "clean_up": {"validate": {"outcome": "failed", "reason": "made up"}},
}
"""What makes the workflow arrive at a task."""

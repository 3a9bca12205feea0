"""Paths through the provisioning workflow, run with fake tasks."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from functions.provision import handler, reconcile_handler
from infra.functions import PREDICT, RECONCILE
from infra.workflow_tasks import TASKS
from tests.infra.synthesized import Json, Synthesized
from tests.infra.workflow_run import NoChoiceMatchedError, definition, run

SUCCESS: dict[str, Json] = {
    "validate": {"outcome": "valid"},
    "package": {"outcome": "packaged"},
    "create": {"outcome": "created", "wait_s": 2},
    "check": {"outcome": "ready"},
    "verify": {"outcome": "verified"},
    "agree": {"outcome": "agreed"},
    "activate": {"outcome": "activated", "replaced_id": None},
    "reconcile": {"changes": []},
    "bake": {"outcome": "held"},
    "retire": {"outcome": "retired"},
    "clean_up": {"outcome": "cleaned"},
}
CLEANING = ("retire", "clean_up")
BEFORE_LIVE = [task for task in TASKS if task not in {*CLEANING, "bake"}]
REPLACED: Json = {"outcome": "activated", "replaced_id": "d-0"}
WAITING: Json = {"outcome": "waiting", "wait_s": 3}
RECONCILING = ("ReconcileDeployed", "ReconcileTakenBack", "ReconcileEnded")
RETIREMENT = ["WaitForLastUsers", "Retire", "Retired?", "Retired"]
CLEANED = SUCCESS["clean_up"]
TO_COMPARE: Json = {"outcome": "verified_to_compare"}
LEADING_TO: dict[str, Json] = {
    "agree": {"verify": TO_COMPARE},
    "retire": {"activate": REPLACED},
    "clean_up": {"validate": {"outcome": "failed", "reason": "made up"}},
}
"""What makes the workflow arrive at a task."""


def broken(_state: Json) -> Any:
    raise LookupError


def tasks(**changed: Json | list[Json] | Callable[[Json], Any]) -> dict[str, Any]:
    """Return tasks that succeed, except *changed*: an answer, several in turn, or a function."""
    return {name: _task(value) for name, value in {**SUCCESS, **changed}.items()}


def _task(value: Any) -> Callable[[Json], Any]:
    if callable(value):
        return value
    answers = list(value) if isinstance(value, list) else None
    return lambda _state: answers.pop(0) if answers else value


def steps(machine: Json, passed: list[str]) -> list[str]:
    """Return the tasks among the states."""
    return [state for state in passed if machine["States"][state]["Type"] == "Task"]


@pytest.fixture(scope="module")
def machine(production: Synthesized) -> Json:
    return definition(production)


def test_the_first_version_goes_live(machine: Json):
    """All tasks run in order; there is nothing to retire."""
    passed = run(machine, tasks())

    first = ["Validate", "Package", "Create", "Check", "Verify", "Activate", "ReconcileDeployed"]
    assert first == steps(machine, passed)
    assert "Deployed" == passed[-1]


def test_a_reused_endpoint_is_checked_and_verified_at_once(machine: Json):
    """It is not packaged, created or waited for."""
    passed = run(machine, tasks(validate={"outcome": "adopted"}))

    assert ["Validate", "Check", "Verify", "Activate", "ReconcileDeployed"] == steps(
        machine, passed
    )
    assert "WaitForEndpoint" not in passed
    assert "Deployed" == passed[-1]


def test_a_reused_endpoint_that_wakes_up_is_waited_for(machine: Json):
    """Like a new one."""
    check = [WAITING, {"outcome": "ready"}]
    passed = run(machine, tasks(validate={"outcome": "adopted"}, check=check))

    assert ["Check", "Ready?", "WaitForEndpoint", "Check", "Ready?", "Verify"] == passed[3:9]
    assert "Deployed" == passed[-1]


def test_a_replaced_version_is_retired_after_its_last_use(machine: Json):
    """The endpoint is deleted after the reconciliation, the bake and the wait."""
    passed = run(machine, tasks(activate=REPLACED))

    baked = ["ReconcileDeployed", "Replaced?", "Bake", "Baked?"]
    assert [*baked, *RETIREMENT] == passed[-8:]


def test_retire_only_waits_for_the_last_use_too(machine: Json):
    """An undeployed endpoint is deleted without any other task."""
    passed = run(machine, tasks(), retire_only=True)

    assert ["RetireOnly?", "WaitForRollback", *RETIREMENT] == passed


def test_retire_only_counts_when_it_is_true(machine: Json):
    """Absent or false, the version is provisioned."""
    assert run(machine, tasks()) == run(machine, tasks(), retire_only=False)


@pytest.mark.parametrize("activated", [SUCCESS["activate"], REPLACED], ids=["first", "replacing"])
@pytest.mark.parametrize(
    "reconcile", [broken, {"changes": ["some"]}, None], ids=["broken", "changes", "no answer"]
)
def test_a_failed_reconciliation_does_not_affect_a_live_deployment(
    machine: Json, activated: Json, reconcile: Any
):
    """The deployment stays live, and what it replaced is retired."""
    expected = run(machine, tasks(activate=activated))

    assert expected == run(machine, tasks(activate=activated, reconcile=reconcile))


@pytest.mark.parametrize("reconcile", [broken, {"failed": 1}], ids=["broken", "failed"])
def test_a_failed_reconciliation_does_not_affect_an_ended_deployment(machine: Json, reconcile: Any):
    """The execution still succeeds after its clean-up."""
    passed = run(machine, tasks(**LEADING_TO["clean_up"], reconcile=reconcile))

    assert ["ReconcileEnded", "CleanedUp"] == passed[-2:]


@pytest.mark.parametrize("reconcile", [broken, {"changes": []}], ids=["broken", "well"])
def test_reconciliation_does_not_change_the_state(machine: Json, reconcile: Any):
    """Bake gets the result of Activate, and no failure."""
    seen: list[Json] = []

    def bake(state: Json) -> Json:
        seen.append(dict(state))
        return SUCCESS["bake"]

    run(machine, tasks(activate=REPLACED, reconcile=reconcile, bake=bake))

    expected = {"model_id": "sales", "deployment_id": "d-1", "result": REPLACED}
    assert [expected] == seen


def test_check_is_repeated_until_the_endpoint_is_ready(machine: Json):
    """With a wait before each repetition."""
    passed = run(machine, tasks(check=[WAITING] * 2 + [{"outcome": "ready"}]))

    assert 3 == passed.count("WaitForEndpoint") == passed.count("Check")
    assert "Deployed" == passed[-1]


def test_a_version_to_be_compared_is_compared_before_it_goes_live(machine: Json):
    """For as long as its calls are being counted; others are not held up by a state of it."""
    agree = [{"outcome": "agreeing", "wait_s": 15}] * 2 + [{"outcome": "agreed"}]
    passed = run(machine, tasks(verify=TO_COMPARE, agree=agree))

    assert 2 == passed.count("WaitForAgreement")
    assert ["Verify", "Agree", "Agree", "Agree", "Activate"] == steps(machine, passed)[4:9]
    assert "Agree" not in run(machine, tasks())


@pytest.mark.parametrize("outcome", ["failed", "superseded", "ignored", "never heard of"])
@pytest.mark.parametrize("task", BEFORE_LIVE)
def test_any_other_outcome_leads_to_clean_up(machine: Json, task: str, outcome: str):
    """Every task has one success outcome; all others remove what was created."""
    changed = {task: {"outcome": outcome, "reason": "made up"}}
    passed = run(machine, tasks(**LEADING_TO.get(task, {}), **changed))

    assert ["CleanUp", "Cleaned?", "ReconcileEnded", "CleanedUp"] == passed[-4:]
    assert "ReconcileDeployed" not in passed


@pytest.mark.parametrize("task", BEFORE_LIVE)
def test_a_failed_task_leads_to_clean_up(machine: Json, task: str):
    """After its retries; CleanUp gets the error at `$.failure`."""
    seen: list[Json] = []
    changed = {task: broken, "clean_up": lambda state: seen.append(state) or CLEANED}
    run(machine, tasks(**LEADING_TO.get(task, {}), **changed))

    assert [{"Error": "LookupError"}] == [state["failure"] for state in seen]


@pytest.mark.parametrize("task", CLEANING)
def test_deletion_is_repeated_until_it_is_done(machine: Json, task: str):
    """The execution ends after the endpoint is gone."""
    answers = {task: [{"outcome": "deleting"}, SUCCESS[task]]}
    passed = run(machine, tasks(**LEADING_TO[task], **answers))

    assert 1 == passed.count(f"WaitForDeletion ({task})")


@pytest.mark.parametrize("task", CLEANING)
@pytest.mark.parametrize("how", [broken, {"outcome": "never heard of"}], ids=["broken", "unknown"])
def test_a_task_that_cannot_delete_fails_the_execution(machine: Json, task: str, how: Any):
    """No state follows Retire and CleanUp: the execution fails and raises the alarm."""
    with pytest.raises((LookupError, NoChoiceMatchedError)):
        run(machine, tasks(**LEADING_TO[task], **{task: how}))


@pytest.mark.parametrize("how", [broken, {"outcome": "never heard of"}], ids=["broken", "unknown"])
def test_a_retire_only_that_fails_fails_the_execution(machine: Json, how: Any):
    """An endpoint that was not deleted still costs money."""
    with pytest.raises((LookupError, NoChoiceMatchedError)):
        run(machine, tasks(retire=how), retire_only=True)


def test_every_task_is_retried_after_any_error(machine: Json):
    """With backoff, jitter and a maximum delay; reconcile less often: the schedule repeats it."""
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            (retry,) = state["Retry"]
            assert ["States.ALL"] == retry["ErrorEquals"], name
            assert (2, "FULL") == (retry["BackoffRate"], retry["JitterStrategy"]), name
            assert retry["MaxAttempts"] >= (2 if name in RECONCILING else 4), name
            assert retry["MaxDelaySeconds"] <= 60, name


def test_the_timeout_is_longer_than_any_execution(production: Synthesized, machine: Json):
    """Longer than all calls, retries and waits together."""
    needed = float(production.variables(TASKS["check"].handler)["ENDPOINT_DEADLINE_S"])
    needed += 60 * float(production.variables(TASKS["agree"].handler)["AGREEMENT_MINUTES"])
    for state in machine["States"].values():
        needed += state.get("Seconds", 0)
        if state["Type"] == "Task":
            (retry,) = state["Retry"]
            function = production.function(state["Resource"])
            timeout = state.get("TimeoutSeconds", function["Timeout"])
            needed += timeout + retry["MaxAttempts"] * (timeout + retry["MaxDelaySeconds"])

    assert needed < machine["TimeoutSeconds"] < 86_400


def test_retirement_waits_for_lookups_and_predictions(production: Synthesized, machine: Json):
    """No prediction uses an endpoint that is being deleted."""
    predict = production.variables(PREDICT.handler)
    last_use_s = float(predict["LOOKUP_MAX_AGE_S"]) + float(predict["PREDICTION_DEADLINE_S"])

    assert machine["States"]["WaitForLastUsers"]["Seconds"] > last_use_s


def test_a_replaced_endpoint_is_kept_for_ten_minutes(production: Synthesized, machine: Json):
    """For a rollback within seconds; bake and the reconciler have the same value."""
    window_s = machine["States"]["WaitForRollback"]["Seconds"]
    waited = window_s + machine["States"]["WaitForLastUsers"]["Seconds"]

    assert window_s >= 600
    assert str(window_s) == production.variables(TASKS["bake"].handler)["ROLLBACK_WINDOW_S"]
    assert str(waited) == production.variables(RECONCILE.handler)["RETIRE_AFTER_S"]


def test_executions_are_logged_and_traced(production: Synthesized):
    """Including their state, which has no secret."""
    machine = production.only("AWS::StepFunctions::StateMachine")

    assert "ALL" == machine["LoggingConfiguration"]["Level"]
    assert machine["TracingConfiguration"]["Enabled"]


def test_the_machine_calls_every_task_once(machine: Json):
    """Each task is one state; the reconciler is called in three."""
    resources = [state["Resource"] for state in machine["States"].values() if "Resource" in state]
    every = [spec.handler for spec in TASKS.values()]

    assert sorted([*every, *[RECONCILE.handler] * 3]) == sorted(resources)


def test_the_workflow_reconciles_one_model(machine: Json):
    """With a short timeout; the schedule reconciles all models."""
    for name in RECONCILING:
        assert {"model_id.$": "$.model_id"} == machine["States"][name]["Parameters"]
        assert machine["States"][name]["TimeoutSeconds"] <= 120


def test_the_tasks_are_the_entries_of_the_handler(machine: Json):
    """Each task has an entry in the code, and each entry is a task."""
    here = inspect.getmembers(handler, inspect.isfunction)
    entries = {name for name, value in here if value.__module__ == handler.__name__} - {
        "task_entry"
    }
    resources = {state["Resource"] for state in machine["States"].values() if "Resource" in state}
    reconciler = f"{reconcile_handler.__name__}.{reconcile_handler.lambda_handler.__name__}"

    assert {f"{handler.__name__}.{entry}" for entry in entries} | {reconciler} == resources

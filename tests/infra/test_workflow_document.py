"""docs/provisioning-workflow.md and the template have the same states and transitions."""

import re
from collections.abc import Iterator

import pytest

from functions.provision.tasks.agreement import LONGEST_WAIT_S, SHORTEST_WAIT_S
from functions.provision.tasks.polling import FIRST_WAIT_S, MIN_WAIT_S
from infra.constructs.workflow_limits import RECONCILING
from infra.environments import PRODUCTION
from infra.packages import ROOT
from infra.workflow_tasks import TASKS
from tests.infra.synthesized import Json, Synthesized
from tests.infra.workflow_run import definition, entry_of

DOCUMENT = (ROOT / "docs/provisioning-workflow.md").read_text(encoding="utf-8")
FAILS = "ExecutionFails"
NAMES = dict(re.findall(r'^ +state "([^",]+)[^"]*" as (\w+)$', DOCUMENT, flags=re.MULTILINE))
"""Identifier in the diagram by state, for states whose name is not an identifier."""
CHOSEN = {
    "WaitForEndpoint": f"{MIN_WAIT_S} to {FIRST_WAIT_S}",
    "WaitForAgreement": f"{SHORTEST_WAIT_S} to {LONGEST_WAIT_S}",
    "WaitToBake": f"1 to {PRODUCTION.rollback_window_s}",
}
"""Seconds of the waits that a task's result chooses."""
ARROWS = set(re.findall(r"^ +(\S+) --> (\S+?)(?:: .*)?$", DOCUMENT, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def machine(production: Synthesized) -> Json:
    return definition(production)


def test_diagram_has_the_transitions_of_the_template(machine: Json):
    """A choice is drawn as the arrows from the state before it."""
    expected = {("[*]", end) for end in ends_of(machine, machine["StartAt"])}
    expected |= {(FAILS, "[*]")}
    for name, state in machine["States"].items():
        if state["Type"] != "Choice":
            expected |= {(NAMES.get(name, name), end) for end in followers(machine, state)}

    assert expected == ARROWS


def test_table_has_the_tasks_of_the_template_with_their_tries(machine: Json):
    """State, entry and number of tries of every task."""
    expected = {
        (name, entry_of(state), str(state["Retry"][0]["MaxAttempts"] + 1))
        for name, state in machine["States"].items()
        if state["Type"] == "Task"
    }
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| .* \| (\d+) \|$", DOCUMENT, flags=re.MULTILINE)

    assert expected == set(rows)
    assert {*TASKS, RECONCILING} == {entry for _, entry, _ in rows}


def test_the_diagram_has_every_outcome(machine: Json):
    """An outcome in a timeline can be found there."""
    outcomes = {
        rule["StringEquals"]
        for state in machine["States"].values()
        for rule in state.get("Choices", [])
        if "StringEquals" in rule
    }
    labels = set(re.findall(r"--> \S+: (\w+)", DOCUMENT))

    assert set() == outcomes - labels


def test_waits_have_the_seconds_of_the_template(machine: Json):
    """The diagram has the length of each wait in production."""
    for name, state in machine["States"].items():
        if state["Type"] == "Wait":
            seconds = state.get("Seconds") or CHOSEN[name]
            assert f'"{name}, {seconds} s"' in DOCUMENT


def followers(machine: Json, state: Json) -> Iterator[str]:
    """Yield the diagram's identifiers of all that can follow *state*."""
    if state["Type"] == "Succeed":
        yield "[*]"
        return
    yield from ends_of(machine, state["Next"])
    if state["Type"] == "Task":
        for catch in state.get("Catch", [{"Next": FAILS}]):
            yield from ends_of(machine, catch["Next"])


def ends_of(machine: Json, name: str) -> Iterator[str]:
    """Yield the states at which an arrow to *name* ends: the state, or those behind a choice."""
    state = machine["States"].get(name, {"Type": FAILS})
    if state["Type"] == "Choice":
        for each in (*(rule["Next"] for rule in state["Choices"]), state.get("Default", FAILS)):
            yield from ends_of(machine, each)
    else:
        yield NAMES.get(name, name)

"""The workflow's document and what it is drawn from."""

import re

import pytest

from infra.catalog import TASKS
from infra.drawing import DOCUMENT, DOES, diagram, document
from infra.limits import RECONCILING
from tests.infra.synthesized import Json, Synthesized
from tests.infra.workflow_run import definition

SMALL = {
    "StartAt": "Only?",
    "States": {
        "Only?": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.only", "IsPresent": True},
                        {"Variable": "$.only", "BooleanEquals": True},
                    ],
                    "Next": "Done",
                }
            ],
            "Default": "Work",
        },
        "Work": {
            "Type": "Task",
            "Resource": "functions.provision.handler.work",
            "Next": "Worked?",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tidy (up)"}],
        },
        "Worked?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.result.outcome", "StringEquals": "worked", "Next": "Done"},
                {"Variable": "$.result.outcome", "StringEquals": "waiting", "Next": "Pause"},
            ],
            "Default": "Tidy (up)",
        },
        "Pause": {"Type": "Wait", "Seconds": 15, "Next": "Work"},
        "Tidy (up)": {"Type": "Task", "Resource": "functions.provision.handler.x", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}
DRAWN = """\
stateDiagram-v2
    state "Pause, 15 s" as Pause
    state "Tidy (up)" as Tidy_up
    state "the execution fails" as the_execution_fails
    [*] --> Done: only
    [*] --> Work: otherwise
    Work --> Done: worked
    Work --> Pause: waiting
    Work --> Tidy_up: otherwise or breaks
    Done --> [*]
    Pause --> Work
    Tidy_up --> Done
    Tidy_up --> the_execution_fails: breaks
    the_execution_fails --> [*]
"""


@pytest.fixture(scope="module")
def machine(production: Synthesized) -> Json:
    return definition(production)


def test_document_says_what_the_template_says(machine: Json):
    """If this fails, `python -m infra.drawing` writes the document anew."""
    assert document(machine) == DOCUMENT.read_text()


def test_choices_are_drawn_as_the_arrows_that_leave_them():
    """A drawing of every kind of state, from a definition that a person can check."""
    assert DRAWN == diagram(SMALL)


def test_every_state_is_drawn_and_reached(machine: Json):
    """Every state but the choices is at the end of an arrow."""
    drawn = {
        re.sub(r"\W+", "_", name).strip("_")
        for name, state in machine["States"].items()
        if state["Type"] != "Choice"
    }
    reached = set(re.findall(r"--> (\w+)", diagram(machine)))

    assert drawn | {"the_execution_fails"} == reached


def test_every_task_is_explained():
    """No task is left out, and none is explained that is gone."""
    assert {*TASKS, RECONCILING} == set(DOES)


def test_every_outcome_that_leads_on_is_in_the_table(machine: Json):
    """Somebody who sees an outcome in a timeline finds where it leads."""
    outcomes = {
        rule["StringEquals"]
        for state in machine["States"].values()
        for rule in state.get("Choices", [])
        if "StringEquals" in rule
    }
    table = DOCUMENT.read_text().partition("| state |")[2]

    assert outcomes == {outcome for outcome in outcomes if f"{outcome}: " in table}

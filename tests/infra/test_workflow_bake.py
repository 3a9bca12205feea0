"""The workflow's paths after a new version has replaced another one."""

from typing import Any

import pytest

from tests.infra.synthesized import Json, Synthesized
from tests.infra.test_workflow import REPLACED, RETIREMENT, broken, tasks
from tests.infra.workflow_run import definition, run

BAKING: Json = {"outcome": "baking", "wait_s": 15}
TAKEN_BACK: Json = {"outcome": "taken_back"}


@pytest.fixture(scope="module")
def machine(production: Synthesized) -> Json:
    return definition(production)


def test_a_new_version_is_looked_at_until_its_window_is_over(machine: Json):
    """With a wait before each further look."""
    passed = run(machine, tasks(activate=REPLACED, bake=[BAKING, BAKING, {"outcome": "held"}]))

    assert (3, 2) == (passed.count("Bake"), passed.count("WaitToBake"))
    assert RETIREMENT == passed[-4:]


def test_a_version_that_was_taken_back_is_reconciled_and_retired(machine: Json):
    """Tags and events follow at once; its endpoint goes when nobody can use it any more."""
    passed = run(machine, tasks(activate=REPLACED, bake=[BAKING, TAKEN_BACK]))

    assert ["Bake", "Baked?", "ReconcileTakenBack", *RETIREMENT] == passed[-7:]


@pytest.mark.parametrize("how", [broken, {"outcome": "superseded"}], ids=["broken", "superseded"])
def test_whatever_becomes_of_a_bake_something_is_retired(machine: Json, how: Any):
    """A replaced endpoint does not stand for ever."""
    passed = run(machine, tasks(activate=REPLACED, bake=how))

    assert RETIREMENT == passed[-4:]


def test_a_first_version_is_not_looked_at(machine: Json):
    """There is nothing to go back to."""
    assert "Bake" not in run(machine, tasks())

"""Forty pairs of signatures and more: what changes between them, and whether it breaks callers."""

import pytest

from functions.common.deployments.record import ModelContract
from functions.common.signatures.changes import contract_changes, deployment_changes
from tests.builders import a_deployment
from tests.differential.signatures import CHATS, column, param
from tests.unit.common.signatures.signature_pairs import (
    INPUTS,
    OPTIONAL_B,
    OUTPUTS,
    PARAMS,
    A,
    B,
    Specs,
)


def differences(old: ModelContract, new: ModelContract) -> list[str]:
    """Return the sentences; those of breaking changes begin with `! `."""
    found = contract_changes(old, new)
    return [f"{'! ' if each.breaking else ''}{each.text}" for each in found]


@pytest.mark.parametrize(("old", "new", "expected"), INPUTS)
def test_changes_of_inputs(old: Specs, new: Specs, expected: list[str]) -> None:
    """What breaks callers comes first."""
    assert expected == differences(ModelContract(inputs=old), ModelContract(inputs=new))


@pytest.mark.parametrize(("old", "new", "expected"), OUTPUTS)
def test_changes_of_outputs(old: Specs, new: Specs, expected: list[str]) -> None:
    """Callers must be able to take whatever the new version may answer."""
    contracts = [ModelContract(inputs=[A], outputs=each) for each in (old, new)]

    assert expected == differences(*contracts)


@pytest.mark.parametrize(("old", "new", "expected"), PARAMS)
def test_changes_of_params(old: Specs, new: Specs, expected: list[str]) -> None:
    """MLflow ignores a param that it does not know, and fills in one that is not sent."""
    contracts = [ModelContract(inputs=[A], params=each) for each in (old, new)]

    assert expected == differences(*contracts)


def test_places_name_what_changes() -> None:
    """A column, a param, an output, or the form of a body."""
    old = ModelContract(inputs=[A], params=[param("long", 1)], outputs=[A])
    new = ModelContract(inputs=[A, OPTIONAL_B], outputs=[column("string", "a")])

    places = [each.place for each in contract_changes(old, new)]

    assert ["p", "a", "b"] == places


def test_a_conversations_answer_may_lack_more() -> None:
    """MLflow's classes leave out fields of an answer that has no value for them."""
    chat = CHATS[0].inputs or []
    old = ModelContract(inputs=[column("string", "messages")], outputs=[A, B])
    new = ModelContract(inputs=chat, outputs=[A, B])

    assert "! Answers may have another form." in differences(old, new)


def test_names_are_cut() -> None:
    """They can have any length."""
    changes = contract_changes(
        ModelContract(inputs=[A]), ModelContract(inputs=[A, column("double", "x\n" * 500)])
    )

    assert len(changes[0].text) < 120
    assert "\n" not in changes[0].text


def test_hub_sources_are_compared_by_their_task() -> None:
    """Their signatures describe what MLflow would make of them."""
    ours = a_deployment()
    translates = a_deployment(runtime="hub", task="translation", input_schema=[A])
    sums_up = a_deployment(runtime="hub", task="summarization")

    assert [] == deployment_changes(translates, a_deployment(runtime="hub", task="translation"))
    assert [True] == [each.breaking for each in deployment_changes(translates, sums_up)]
    assert [True] == [each.breaking for each in deployment_changes(ours, translates)]

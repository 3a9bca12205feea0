"""Listing: the state of one model, of all models, and a model's deployments in order."""

from datetime import timedelta

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.store import (
    DeploymentStore,
    ModelState,
)
from tests.builders import NOON, a_deployment, set_desired
from tests.contract.deployment_store.deployments import (
    LATER,
    desired_nothing,
    go_live,
    newer,
)


def test_the_state_of_a_model_has_all_its_items(store: DeploymentStore) -> None:
    """Each deployment once, which one is live, and the desired one; no other model's."""
    first = go_live(store, a_deployment())
    coming = newer()
    store.add(coming)
    set_desired(store, coming)
    go_live(store, a_deployment(model_id="wine"))

    state = store.state("iris")

    assert (
        ModelState(
            model_id="iris",
            deployments=(coming, first),
            live_id=first.id,
            desired=DesiredDeployment.of(coming),
        )
        == state
    )
    assert first == state.live


def test_the_state_of_an_unknown_model_is_empty(store: DeploymentStore) -> None:
    """An unknown model is no error."""
    assert ModelState(model_id="iris", deployments=(), live_id=None, desired=None) == store.state(
        "iris"
    )


def test_the_states_cover_every_model(store: DeploymentStore) -> None:
    """Across pages, and including a model that has nothing but a desired deployment."""
    example = {"inputs": ["x" * 190_000]}
    models = [f"model {number}" for number in range(4)]
    for model_id in models:
        go_live(store, a_deployment(model_id=model_id, input_example=example))
        store.add(newer(model_id=model_id, input_example=example))
    store.set_desired(desired_nothing(), expected=None)

    states = {state.model_id: state for state in store.states()}

    assert {"iris", *models} == states.keys()
    assert states == {model_id: store.state(model_id) for model_id in states}
    assert [2, 2, 2, 2] == [len(states[model_id].deployments) for model_id in models]


def test_an_empty_table_has_no_states(store: DeploymentStore) -> None:
    """The iterator is empty."""
    assert [] == list(store.states())


def test_deployments_are_listed_newest_request_first(store: DeploymentStore) -> None:
    """Regardless of the order of writing, and without other models' deployments."""
    first = a_deployment(requested_at=NOON)
    second = a_deployment(requested_at=NOON + timedelta(seconds=1))
    other = a_deployment(model_id="wine")
    for deployment in (second, other, first):
        store.add(deployment)

    assert (second, first) == store.state("iris").deployments


def test_attempts_of_a_request_are_listed_newest_first(store: DeploymentStore) -> None:
    """They share the request's time and may share `created_at`."""
    attempts = [
        a_deployment(attempt=1),
        a_deployment(attempt=2, created_at=LATER),
        a_deployment(attempt=3, created_at=LATER),
    ]
    for deployment in attempts:
        store.add(deployment)

    assert [3, 2, 1] == [each.attempt for each in store.state("iris").deployments]

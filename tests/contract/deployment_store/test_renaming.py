"""Renaming: the live deployment goes on under another model's name, in one transaction."""

from dataclasses import replace
from datetime import timedelta

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from tests.builders import NOON, a_deployment, a_live_deployment, set_desired
from tests.contract.deployment_store.deployments import ENDPOINT, LATER, go_live, newer


def live_iris(store: DeploymentStore) -> Deployment:
    return go_live(store, a_live_deployment(status=Status.DEPLOYING, **ENDPOINT))


def under_new_name(live: Deployment) -> Deployment:
    """Return the deployment that takes over the endpoint of *live*."""
    endpoint = replace(live.endpoint, adopted_from=live.endpoint_deployment_id)
    other = a_deployment(model_id="flower", attempt=live.attempt + 1)
    return replace(live, id=other.id, model_id="flower", attempt=other.attempt, endpoint=endpoint)


def move(
    store: DeploymentStore,
    live: Deployment,
    *,
    left: DesiredDeployment | None = None,
    expected: DesiredDeployment | None = None,
) -> bool:
    return store.move_live(live, under_new_name(live), left=left, expected=expected)


def test_the_live_deployment_goes_over_to_the_new_name(store: DeploymentStore) -> None:
    """At no moment do both names serve, or neither; each has its desired deployment."""
    live = live_iris(store)

    assert move(store, live, left=store.desired("iris"))

    now = store.live("flower")
    assert now is not None
    assert now == store.get("flower", now.id)
    assert (Status.DEPLOYED, live.endpoint.name) == (now.status, now.endpoint.name)
    assert (live.package, live.contract) == (now.package, now.contract)
    assert live.id == now.endpoint_deployment_id
    assert DesiredDeployment.of(now) == store.desired("flower")
    assert store.live("iris") is None
    left = store.desired("iris")
    assert left is not None
    assert (None, None) == (left.deployment_id, left.model_version)
    before = store.get("iris", live.id)
    assert before is not None
    assert (Status.STOPPED, now.id) == (before.status, before.endpoint.handed_to)
    assert "Renamed to `flower` in MLflow." == before.reason
    assert not store.begin_removal(before)


def test_a_request_under_either_name_stays(store: DeploymentStore) -> None:
    """Somebody has registered something as both names meanwhile."""
    live = live_iris(store)
    set_desired(store, newer())
    coming = a_deployment(model_id="flower", model_version="2", requested_at=LATER)
    store.add(coming)
    set_desired(store, coming)

    assert move(store, live, left=store.desired("iris"), expected=store.desired("flower"))

    assert DesiredDeployment.of(newer()) == store.desired("iris")
    assert DesiredDeployment.of(coming) == store.desired("flower")


def test_a_name_that_should_serve_nothing_is_taken(store: DeploymentStore) -> None:
    """A model of that name was deleted once."""
    live = live_iris(store)
    nothing = DesiredDeployment(model_id="flower", requested_at=LATER)
    assert store.set_desired(nothing, expected=None)

    assert move(store, live, left=store.desired("iris"), expected=nothing)

    now = store.live("flower")
    assert now is not None
    assert DesiredDeployment.of(now) == store.desired("flower")


def test_it_is_renamed_once(store: DeploymentStore) -> None:
    """The second of two reconciliations at a time changes nothing."""
    live = live_iris(store)
    left = store.desired("iris")
    assert move(store, live, left=left)
    moved = store.state("flower")

    assert not move(store, live, left=left, expected=moved.desired)

    assert moved == store.state("flower")


def test_a_name_that_serves_is_not_overwritten(store: DeploymentStore) -> None:
    """Its own deployment was faster."""
    live = live_iris(store)
    own = a_deployment(model_id="flower", model_version="7", requested_at=NOON)
    go_live(store, own)
    before = store.state("iris")

    assert not move(store, live, left=before.desired, expected=store.desired("flower"))

    assert own.id == store.state("flower").live_id
    assert before == store.state("iris")


def test_nothing_is_written_on_a_desired_that_has_changed(store: DeploymentStore) -> None:
    """A request has come in between, under the new name or the old one."""
    live = live_iris(store)
    left = store.desired("iris")
    request = a_deployment(model_id="flower", requested_at=NOON + timedelta(hours=3))
    set_desired(store, request)
    assert not move(store, live, left=left)

    set_desired(store, newer())
    assert not move(store, live, left=left, expected=store.desired("flower"))

    assert live == store.live("iris")
    assert store.live("flower") is None


def test_a_deployment_is_found_without_its_model(store: DeploymentStore) -> None:
    """Tags in the registry name its id alone."""
    live = live_iris(store)

    assert ("iris", None) == (store.model_of(live.id), store.model_of("somebody's"))

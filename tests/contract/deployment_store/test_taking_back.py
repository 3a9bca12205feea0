"""Taking back: one transaction ends what serves and lets the deployment before it serve again."""

from dataclasses import replace

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentChangedError, DeploymentStore
from tests.builders import a_live_deployment, changed
from tests.contract.deployment_store.deployments import (
    ENDPOINT,
    go_live,
    newer,
    replaced_and_requested_again,
)

REASONS = {"reason": "Taken back.", "earlier_reason": "Serves again."}


def replaced(store: DeploymentStore) -> tuple[Deployment, Deployment]:
    """Return version 2, which is live, and version 1, whose endpoint still stands."""
    earlier = go_live(store, a_live_deployment(status=Status.DEPLOYING, **ENDPOINT))
    live = go_live(store, newer())
    stopped = store.get("iris", earlier.id)
    assert stopped is not None
    return live, stopped


def read(store: DeploymentStore, deployment: Deployment) -> Deployment:
    found = store.get("iris", deployment.id)
    assert found is not None
    return found


def test_the_earlier_deployment_serves_again(store: DeploymentStore) -> None:
    """The live item is a complete copy of it; the desired deployment stays what it is."""
    live, earlier = replaced(store)
    desired = store.desired("iris")

    store.take_back(live, earlier, **REASONS)

    again = read(store, earlier)
    assert again == store.live("iris")
    assert (Status.DEPLOYED, "Serves again.") == (again.status, again.reason)
    assert "serves again, in place of version 2" == again.timeline[-1].outcome
    assert (earlier.endpoint, earlier.package) == (again.endpoint, again.package)
    assert desired == store.desired("iris")
    assert earlier.id == store.state("iris").live_id


def test_what_is_taken_back_has_failed_for_good(store: DeploymentStore) -> None:
    """With the reason, and with what it had replaced."""
    live, earlier = replaced(store)

    failed = store.take_back(live, earlier, **REASONS)

    assert failed == read(store, live)
    assert (Status.FAILED, "Taken back.", False) == (failed.status, failed.reason, failed.retryable)
    assert failed.was_taken_back
    assert earlier.id == failed.replaced_id


def test_it_is_taken_back_once(store: DeploymentStore) -> None:
    """Another try changes nothing."""
    live, earlier = replaced(store)
    store.take_back(live, earlier, **REASONS)
    before = store.state("iris")

    with pytest.raises(DeploymentChangedError):
        store.take_back(live, earlier, **REASONS)

    assert before == store.state("iris")


def test_a_version_that_was_replaced_meanwhile_is_not_taken_back(store: DeploymentStore) -> None:
    """Whoever was faster serves."""
    live, earlier = replaced(store)
    third = go_live(store, newer(model_version="3"))

    with pytest.raises(DeploymentChangedError):
        store.take_back(live, earlier, **REASONS)

    assert third == store.live("iris")
    assert Status.STOPPED is read(store, live).status


def test_an_endpoint_that_is_being_removed_serves_no_more(store: DeploymentStore) -> None:
    """Of removing and taking back, the first one wins."""
    live, earlier = replaced(store)
    assert store.begin_removal(earlier)

    with pytest.raises(DeploymentChangedError):
        store.take_back(live, earlier, **REASONS)

    assert live == store.live("iris")


def test_an_endpoint_that_serves_again_is_not_removed(store: DeploymentStore) -> None:
    """The other way round; that of the version that was taken back is."""
    live, earlier = replaced(store)
    store.take_back(live, earlier, **REASONS)

    assert not store.begin_removal(earlier)
    assert not read(store, earlier).endpoint.removing
    assert store.begin_removal(live)


def test_an_endpoint_that_was_handed_over_serves_its_new_deployment(store: DeploymentStore) -> None:
    """A person has asked for the version again, and its deployment is under way."""
    earlier, again = replaced_and_requested_again(store)
    live = store.live("iris")
    assert live
    assert store.transfer_endpoint(earlier, again)

    with pytest.raises(DeploymentChangedError):
        store.take_back(live, earlier, **REASONS)

    assert live == store.live("iris")


def test_a_serving_endpoint_is_not_handed_over(store: DeploymentStore) -> None:
    """Of handing over and taking back, the first one wins."""
    earlier, again = replaced_and_requested_again(store)
    live = store.live("iris")
    assert live
    store.take_back(live, earlier, **REASONS)

    assert store.transfer_endpoint(earlier, again) is None


@pytest.mark.parametrize(
    ("announced", "then"), [(None, None), (Status.STOPPED, Status.DEPLOYED)], ids=str
)
def test_the_return_is_announced_with_the_end_of_the_other(
    store: DeploymentStore, announced: Status | None, then: Status | None
) -> None:
    """The earlier one is announced as live, unless its first start is still to be announced."""
    live, earlier = replaced(store)
    noted = store.update(earlier, replace(earlier, announced=announced))

    store.take_back(live, noted, **REASONS)

    assert then is read(store, earlier).announced
    assert live.announced is read(store, live).announced


def test_a_third_version_replaces_what_came_back(store: DeploymentStore) -> None:
    """As any other one that serves."""
    live, earlier = replaced(store)
    store.take_back(live, earlier, **REASONS)

    third = go_live(store, newer(model_version="3"))

    assert earlier.id == third.replaced_id
    stopped = read(store, earlier)
    assert (Status.STOPPED, "Replaced by version 3.") == (stopped.status, stopped.reason)
    assert changed(stopped, updated_at=earlier.updated_at).endpoint == earlier.endpoint

"""Activation: one transaction makes a deployment live and stops the one it replaces."""

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import (
    Status,
)
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    SupersededError,
)
from tests.builders import a_deployment, changed, set_desired
from tests.contract.deployment_store.deployments import (
    LATER,
    desired_nothing,
    go_live,
    newer,
)


def test_activation_makes_a_deployment_live(store: DeploymentStore) -> None:
    """The live item is the complete deployment, with its own id."""
    deployment = a_deployment(endpoint_url="https://x")

    activated = go_live(store, deployment)

    assert activated == store.live("iris") == store.get("iris", deployment.id)
    assert (Status.DEPLOYED, None) == (activated.status, activated.replaced_id)
    assert (activated,) == store.state("iris").deployments


def test_activation_stops_the_deployment_that_served(store: DeploymentStore) -> None:
    """The replaced deployment is stopped with a reason in the same transaction."""
    older = go_live(store, a_deployment())

    activated = go_live(store, newer())

    assert older.id == activated.replaced_id
    assert activated == store.live("iris")
    stopped = store.get("iris", older.id)
    assert stopped is not None
    assert (Status.STOPPED, "Replaced by version 2.") == (stopped.status, stopped.reason)


def test_an_earlier_version_can_be_activated(store: DeploymentStore) -> None:
    """The desired deployment decides, not which request is older."""
    go_live(store, newer())
    earlier = a_deployment()

    assert go_live(store, earlier).id == earlier.id


@pytest.mark.parametrize(
    "desired", [None, desired_nothing(), DesiredDeployment.of(newer())], ids=str
)
def test_only_the_desired_deployment_is_activated(
    store: DeploymentStore, desired: DesiredDeployment | None
) -> None:
    """Without a desired deployment, or with another one, activation raises SupersededError."""
    deployment = a_deployment()
    store.add(deployment)
    if desired:
        store.set_desired(desired, expected=None)

    with pytest.raises(SupersededError):
        store.activate(deployment)

    assert store.live("iris") is None
    assert deployment == store.get("iris", deployment.id)


def test_a_superseded_activation_keeps_the_live_deployment(store: DeploymentStore) -> None:
    """A slow deployment of an older request does not replace the newer one."""
    live = go_live(store, newer())
    older = a_deployment()
    store.add(older)

    with pytest.raises(SupersededError):
        store.activate(older)

    assert live == store.live("iris")


def test_activating_twice_changes_nothing(store: DeploymentStore) -> None:
    """A retried activation succeeds, even if the desired deployment has changed since."""
    go_live(store, a_deployment())
    once = go_live(store, newer())
    assert store.set_desired(desired_nothing(LATER), expected=DesiredDeployment.of(once))

    assert once == store.activate(newer())


def test_a_failed_deployment_cannot_be_activated(store: DeploymentStore) -> None:
    """A deployment that another process marked as failed stays failed, and nothing is live."""
    deployment = a_deployment()
    store.add(deployment)
    set_desired(store, deployment)
    store.update(deployment, changed(deployment, status=Status.FAILED, reason="No."))

    with pytest.raises(DeploymentChangedError):
        store.activate(deployment)

    assert store.live("iris") is None

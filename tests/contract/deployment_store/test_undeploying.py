"""Undeploying: a live deployment that is not desired is stopped."""

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import (
    Status,
)
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
)
from tests.builders import a_deployment, set_desired
from tests.contract.deployment_store.deployments import (
    LATER,
    desired_nothing,
    go_live,
    newer,
)


def test_undeploying_stops_the_live_deployment(store: DeploymentStore) -> None:
    """It is stopped with the reason; the desired deployment stays as it was."""
    live = go_live(store, a_deployment())
    set_desired(store, newer())

    stopped = store.undeploy(live, reason="Deleted in MLflow.")

    assert (Status.STOPPED, "Deleted in MLflow.") == (stopped.status, stopped.reason)
    assert stopped == store.get("iris", live.id)
    assert store.live("iris") is None
    assert DesiredDeployment.of(newer()) == store.desired("iris")


def test_a_model_that_should_serve_nothing_can_be_undeployed(store: DeploymentStore) -> None:
    """An operator undeploys a model by desiring nothing."""
    live = go_live(store, a_deployment())
    assert store.set_desired(desired_nothing(LATER), expected=DesiredDeployment.of(live))

    store.undeploy(live, reason="Undeployed by an operator.")

    assert store.live("iris") is None


def test_the_desired_deployment_is_not_undeployed(store: DeploymentStore) -> None:
    """Undeploying a deployment that is desired by now raises DeploymentChangedError."""
    live = go_live(store, a_deployment())

    with pytest.raises(DeploymentChangedError):
        store.undeploy(live, reason="Deleted in MLflow.")

    assert live == store.live("iris") == store.get("iris", live.id)


def test_only_the_live_deployment_is_undeployed(store: DeploymentStore) -> None:
    """A replaced deployment and one in progress are refused; the live one still serves."""
    once_live = go_live(store, a_deployment())
    live = go_live(store, newer())
    coming = a_deployment(model_version="3")
    store.add(coming)
    store.set_desired(desired_nothing(LATER), expected=DesiredDeployment.of(live))

    for deployment in (once_live, coming):
        with pytest.raises(DeploymentChangedError):
            store.undeploy(deployment, reason="Deleted in MLflow.")

    assert live == store.live("iris")
    assert coming == store.get("iris", coming.id)

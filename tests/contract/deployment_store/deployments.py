"""Deployments in the states that the store's tests start from."""

from datetime import datetime, timedelta
from typing import Any

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import HUB_RUNTIME, Deployment, Status
from functions.common.deployments.store import DeploymentStore
from tests.builders import NOON, a_deployment, a_live_deployment, set_desired

LATER = NOON + timedelta(hours=2)
ENDPOINT: dict[str, Any] = {
    "runtime": HUB_RUNTIME,
    "repository": "hokus/hokus-iris-0123abcd",
    "revision": "a" * 40,
    "package_digest": "d" * 64,
    "task": "text-classification",
    "instance_type": "intel-spr",
    "instance_size": "x2",
    "min_replicas": 0,
    "max_replicas": 3,
    "scale_to_zero_after_min": 30,
    "hourly_cost_usd": 0.067,
    "usual_start_s": 42,
}


def newer(**changes: Any) -> Deployment:
    """Return version 2, requested a second after noon."""
    return a_deployment(
        **{"model_version": "2", "requested_at": NOON + timedelta(seconds=1), **changes}
    )


def desired_nothing(at: datetime = NOON) -> DesiredDeployment:
    """Return the desired deployment of `iris` when it should serve nothing."""
    return DesiredDeployment(
        model_id="iris", deployment_id=None, model_version=None, requested_at=at
    )


def go_live(store: DeploymentStore, deployment: Deployment) -> Deployment:
    """Add *deployment*, make it the desired one and activate it; return it as live."""
    store.add(deployment)
    set_desired(store, deployment)
    return store.activate(deployment)


def replaced_and_requested_again(store: DeploymentStore) -> tuple[Deployment, Deployment]:
    """Return a stopped deployment whose endpoint still runs, and a pending one of its version."""
    earlier = a_live_deployment(status=Status.DEPLOYING, **ENDPOINT)
    go_live(store, earlier)
    go_live(store, newer())
    again = a_deployment(requested_at=NOON + timedelta(hours=1))
    store.add(again)
    stopped = store.get("iris", earlier.id)
    assert stopped is not None
    return stopped, again

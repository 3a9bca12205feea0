"""The desired deployment: it is replaced only by a writer that has read the current one."""

from dataclasses import replace

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import (
    RequestedBy,
)
from functions.common.deployments.store import (
    DeploymentStore,
)
from tests.builders import NOON, a_deployment, set_desired
from tests.contract.deployment_store.deployments import (
    LATER,
    desired_nothing,
    newer,
)


def test_a_record_alone_is_not_desired(store: DeploymentStore) -> None:
    """Adding a record sets no desired deployment."""
    store.add(a_deployment())

    assert store.desired("iris") is None


@pytest.mark.parametrize(
    "desired",
    [
        DesiredDeployment.of(
            newer(model_id="Grüße", origin=RequestedBy.OPERATOR), registry_version="1"
        ),
        DesiredDeployment.of(newer()),
        desired_nothing(),
    ],
    ids=str,
)
def test_a_desired_deployment_is_read_back_complete(
    store: DeploymentStore, desired: DesiredDeployment
) -> None:
    """Also one that desires nothing."""
    assert store.set_desired(desired, expected=None)

    assert desired == store.desired(desired.model_id)


@pytest.mark.parametrize(
    ("standing", "believed"),
    [
        (None, desired_nothing()),
        (desired_nothing(), None),
        (desired_nothing(), desired_nothing(LATER)),
        (desired_nothing(), DesiredDeployment.of(a_deployment())),
        (DesiredDeployment.of(a_deployment()), None),
        (DesiredDeployment.of(a_deployment()), desired_nothing()),
        (DesiredDeployment.of(a_deployment()), DesiredDeployment.of(newer(requested_at=NOON))),
        (
            DesiredDeployment.of(a_deployment()),
            replace(DesiredDeployment.of(a_deployment()), requested_at=LATER),
        ),
    ],
)
def test_a_desired_deployment_that_was_not_read_is_kept(
    store: DeploymentStore, standing: DesiredDeployment | None, believed: DesiredDeployment | None
) -> None:
    """The second of two concurrent writers fails, even with the same request time."""
    if standing:
        store.set_desired(standing, expected=None)

    assert not store.set_desired(DesiredDeployment.of(newer()), expected=believed)
    assert standing == store.desired("iris")


@pytest.mark.parametrize(
    "standing", [None, desired_nothing(), DesiredDeployment.of(a_deployment())], ids=str
)
def test_the_desired_deployment_that_was_read_is_replaced(
    store: DeploymentStore, standing: DesiredDeployment | None
) -> None:
    """No attribute of the earlier one remains."""
    if standing:
        store.set_desired(standing, expected=None)

    assert store.set_desired(desired_nothing(LATER), expected=standing)
    assert desired_nothing(LATER) == store.desired("iris")


def test_a_desired_deployment_that_was_read_is_deleted(store: DeploymentStore) -> None:
    """The model is on no list any more; its deployments stay."""
    deployment = a_deployment()
    store.add(deployment)
    set_desired(store, deployment)
    stale = DesiredDeployment.of(newer())

    assert not store.delete_desired(stale)
    assert store.desired("iris")
    assert store.delete_desired(DesiredDeployment.of(deployment))

    assert store.desired("iris") is None
    assert deployment == store.get("iris", deployment.id)
    assert not store.delete_desired(DesiredDeployment.of(deployment))

"""Deployment records: what is added is read back, and updates depend on the status."""

import pytest

from functions.common.deployments.record import (
    Status,
    TimelineEntry,
)
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
)
from functions.common.signatures.request_schema import request_schema
from tests.builders import NOON, a_deployment, a_live_deployment, changed
from tests.contract.deployment_store.deployments import (
    go_live,
)


def test_a_record_is_read_back_complete(store: DeploymentStore) -> None:
    """Every attribute survives, including floats, nested documents and non-ASCII text."""
    deployment = a_deployment(
        model_id="Grüße an alle",
        input_schema=[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}],
        input_example={"inputs": [[5.1, 3.5, 1.4, 1e-300]]},
        hourly_cost_usd=0.067,
        timeline=(TimelineEntry(step="validate", time=NOON, outcome="valid"),),
    )

    assert store.add(deployment)
    assert deployment == store.get(deployment.model_id, deployment.id)


def test_a_record_with_3000_columns_is_read_back_complete(store: DeploymentStore) -> None:
    """It stays within 400 KB, DynamoDB's limit of an item, also as the live item."""
    columns = [{"type": "double", "name": f"spalte_ü_{number}"} for number in range(3_000)]
    deployment = a_live_deployment(
        status=Status.DEPLOYING,
        input_schema=columns,
        output_schema=columns,
        request_schema=request_schema(columns, None),
        input_example={"inputs": [{each["name"]: 0.5 for each in columns}]},
    )

    live = go_live(store, deployment)

    assert deployment.contract.request_schema == live.contract.request_schema
    assert live == store.live(deployment.model_id) == store.get(deployment.model_id, deployment.id)
    assert columns == live.contract.inputs


def test_adding_twice_keeps_the_first(store: DeploymentStore) -> None:
    """Adding a record with an id that exists returns False and changes nothing."""
    deployment = a_deployment()
    store.add(deployment)

    assert not store.add(changed(deployment, model_version="9"))
    assert deployment == store.get(deployment.model_id, deployment.id)


def test_an_unknown_deployment_is_none(store: DeploymentStore) -> None:
    """An unknown id has no record, and an unknown model has no live deployment."""
    assert store.get("iris", "nowhere") is None
    assert store.live("iris") is None
    assert () == store.state("iris").deployments


def test_update_writes_and_removes_attributes(store: DeploymentStore) -> None:
    """A change to None removes the attribute; the others stay."""
    deployment = a_deployment(reason="old", endpoint_name="hokus-iris")
    store.add(deployment)

    updated = store.update(deployment, changed(deployment, reason=None, endpoint_url="https://x"))

    stored = store.get("iris", deployment.id)
    assert updated == stored
    assert stored is not None
    assert (None, "https://x", "hokus-iris") == (
        stored.reason,
        stored.endpoint.url,
        stored.endpoint.name,
    )


def test_update_of_a_changed_status_is_refused(store: DeploymentStore) -> None:
    """An update that was decided on an outdated status raises DeploymentChangedError."""
    deployment = a_deployment(status=Status.PENDING)
    store.add(deployment)
    store.update(deployment, changed(deployment, status=Status.FAILED))

    with pytest.raises(DeploymentChangedError):
        store.update(deployment, changed(deployment, status=Status.DEPLOYING))

"""The overview of a reconciliation of all models: what is not settled, without contracts."""

from datetime import timedelta
from typing import Any

import boto3
from moto import mock_aws

from functions.common.deployments import unsettled_index
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.items import deployment_item, desired_item
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.contract.deployment_store.deployments import ENDPOINT, LATER, go_live, newer
from tests.tables import DEPLOYMENTS, create_table

EXPIRATION = int(LATER.timestamp())
PLANNED_WITH = (
    "model_version",
    "status",
    "requested_at",
    "origin",
    "attempt",
    "run",
    "registered_at",
    "created_at",
    "execution_arn",
    "reason",
    "retryable",
)
"""Fields that decide what a reconciliation does."""


def settle(store: DeploymentStore, deployment: Deployment) -> Deployment:
    return store.update(deployment, changed(deployment, expiration=EXPIRATION))


def planned_with(deployment: Deployment) -> list[Any]:
    endpoint = deployment.endpoint
    of_endpoint = (
        endpoint.name,
        endpoint.handed_to,
        endpoint.removed,
        endpoint.hourly_cost_usd,
    )
    return [*(getattr(deployment, name) for name in PLANNED_WITH), *of_endpoint]


def test_the_overview_has_what_a_plan_is_made_of(store: DeploymentStore) -> None:
    """Nothing of it may be missing in the index."""
    live = go_live(
        store,
        a_deployment(
            **ENDPOINT, endpoint_name="hokus-iris", execution_arn="arn", registered_at=NOON
        ),
    )
    failed = newer(
        status=Status.FAILED, reason="No.", retryable=True, attempt=3, run=2, removed=True
    )
    store.add(failed)
    store.add(a_deployment(model_id="wine", status=Status.PENDING))

    seen = {state.model_id: state for state in store.overview()}

    state = store.state("iris")
    assert {"iris", "wine"} == seen.keys()
    assert (live.id, state.desired) == (seen["iris"].live_id, seen["iris"].desired)
    assert [planned_with(failed), planned_with(live)] == [
        planned_with(each) for each in seen["iris"].deployments
    ]
    assert (None, None) == (seen["wine"].live_id, seen["wine"].desired)


def test_what_is_settled_is_not_in_the_overview(store: DeploymentStore) -> None:
    """It is still there for people, and to be found by its id."""
    ended = a_deployment(status=Status.STOPPED, removed=True)
    store.add(ended)
    live = go_live(store, newer())
    settled = settle(store, ended)

    (seen,) = store.overview()

    assert [live.id] == [each.id for each in seen.deployments]
    assert EXPIRATION == settled.expiration
    assert [live, settled] == list(store.state("iris").deployments)
    assert settled == store.get("iris", ended.id)
    assert "iris" == store.model_of(ended.id)


def test_a_model_with_nothing_but_its_desired_deployment_is_in_the_overview(
    store: DeploymentStore,
) -> None:
    """Such as one whose record was lost between two writes."""
    set_desired(store, a_deployment())

    (seen,) = store.overview()

    assert ((), store.desired("iris")) == (seen.deployments, seen.desired)


def test_the_live_copy_neither_expires_nor_counts_twice(store: DeploymentStore) -> None:
    """The overview has each deployment once."""
    first = go_live(store, a_deployment())
    second = go_live(store, newer())
    stopped = store.get("iris", first.id)
    assert stopped

    settle(store, stopped)

    (seen,) = store.overview()
    assert [second.id] == [each.id for each in seen.deployments]
    live = store.live("iris")
    assert live
    assert (second.id, None) == (live.id, live.expiration)


def test_an_unknown_deployment_has_no_model(store: DeploymentStore) -> None:
    """Its endpoint is an orphan."""
    assert store.model_of("nobody") is None


@mock_aws
def test_records_from_before_the_index_come_into_it_with_any_write() -> None:
    """The reconciler writes those that it misses."""
    client: Any = boto3.client("dynamodb", region_name="us-east-1")
    create_table(DEPLOYMENTS, client)
    store = DynamoDeploymentStore(client, DEPLOYMENTS)
    deployment = a_deployment(requested_at=NOON - timedelta(days=1))
    desired = DesiredDeployment.of(deployment)
    for item in (deployment_item(deployment), desired_item(desired)):
        del item[unsettled_index.KEY]
        client.put_item(TableName=DEPLOYMENTS, Item=item)
    assert [] == list(store.overview())

    store.update(deployment, deployment)
    assert store.set_desired(desired, expected=desired)

    (seen,) = store.overview()
    assert ([deployment.id], desired) == ([each.id for each in seen.deployments], seen.desired)


def test_the_index_is_one_that_dynamodb_takes() -> None:
    """20 attributes beside the keys at most."""
    assert len(unsettled_index.ATTRIBUTES) <= 20
    assert not {"input_schema", "input_example", "endpoint_secret"} & set(
        unsettled_index.ATTRIBUTES
    )

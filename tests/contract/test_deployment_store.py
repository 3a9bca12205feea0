"""The fake store and DynamoDB (moto) keep the same promises."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import Status, TimelineEntry
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    SupersededError,
)
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[DeploymentStore]:
    """Each test runs on both."""
    if request.param == "fake":
        yield FakeDeploymentStore()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName="deployed_models",
            KeySchema=[
                {"AttributeName": "model_id", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "model_id", "AttributeType": "S"},
                {"AttributeName": "id", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoDeploymentStore(client, "deployed_models")


def test_what_was_added_is_got_back_whole(store: DeploymentStore) -> None:
    """Every attribute survives, floats, nested documents and non-ASCII text among them."""
    deployment = a_deployment(
        model_id="Grüße an alle",
        input_schema=[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}],
        input_example={"inputs": [[5.1, 3.5, 1.4, 1e-300]]},
        hourly_cost_usd=0.067,
        timeline=(TimelineEntry(step="validate", time=NOON, outcome="valid"),),
    )

    assert store.add(deployment)
    assert deployment == store.get(deployment.model_id, deployment.id)


def test_adding_twice_keeps_the_first(store: DeploymentStore) -> None:
    """The same wish again changes nothing."""
    deployment = a_deployment()
    store.add(deployment)

    assert not store.add(deployment.model_copy(update={"model_version": "9"}))
    assert deployment == store.get(deployment.model_id, deployment.id)


def test_an_unknown_deployment_is_none(store: DeploymentStore) -> None:
    """Nothing is made up."""
    assert store.get("iris", "nowhere") is None
    assert store.live("iris") is None
    assert [] == store.of_model("iris")


def test_update_writes_and_removes(store: DeploymentStore) -> None:
    """A change of None removes the attribute; others stay."""
    deployment = a_deployment(reason="old", endpoint_name="hokus-iris")
    store.add(deployment)

    changed = store.update(deployment, reason=None, endpoint_url="https://x")

    stored = store.get("iris", deployment.id)
    assert changed == stored
    assert stored is not None
    assert (None, "https://x", "hokus-iris") == (
        stored.reason,
        stored.endpoint_url,
        stored.endpoint_name,
    )


def test_update_of_a_status_that_moved_is_refused(store: DeploymentStore) -> None:
    """Whoever decided on an old status must decide anew."""
    deployment = a_deployment(status=Status.PENDING)
    store.add(deployment)
    store.update(deployment, status=Status.FAILED)

    with pytest.raises(DeploymentChangedError):
        store.update(deployment, status=Status.DEPLOYING)


def test_first_activation_makes_it_live(store: DeploymentStore) -> None:
    """The live item is the whole deployment under its own id."""
    deployment = a_deployment(endpoint_url="https://x")
    store.add(deployment)

    activated = store.activate(deployment)

    assert activated == store.live("iris") == store.get("iris", deployment.id)
    assert (Status.DEPLOYED, None) == (activated.status, activated.replaced_id)
    assert [activated] == store.of_model("iris")


def test_activation_replaces_an_older_wish(store: DeploymentStore) -> None:
    """The older one is stopped with a reason in the same stroke."""
    older = a_deployment()
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(seconds=1))
    store.add(older)
    store.add(newer)
    store.activate(older)

    activated = store.activate(newer)

    assert older.id == activated.replaced_id
    assert activated == store.live("iris")
    stopped = store.get("iris", older.id)
    assert stopped is not None
    assert (Status.STOPPED, "Replaced by version 2.") == (stopped.status, stopped.reason)


def test_activation_of_an_older_wish_is_superseded(store: DeploymentStore) -> None:
    """The newest wish wins whatever the order of completion."""
    older = a_deployment()
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(microseconds=1))
    store.add(older)
    store.add(newer)
    live = store.activate(newer)

    with pytest.raises(SupersededError):
        store.activate(older)

    assert live == store.live("iris")


def test_activating_twice_changes_nothing(store: DeploymentStore) -> None:
    """A retried activation finds its own work."""
    older = a_deployment()
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(seconds=1))
    store.add(older)
    store.add(newer)
    store.activate(older)
    once = store.activate(newer)

    assert once == store.activate(newer)


def test_a_failed_deployment_cannot_be_activated(store: DeploymentStore) -> None:
    """What somebody else has ended stays ended, and nothing is live."""
    deployment = a_deployment()
    store.add(deployment)
    store.update(deployment, status=Status.FAILED, reason="No.")

    with pytest.raises(DeploymentChangedError):
        store.activate(deployment)

    assert store.live("iris") is None


def test_deployments_of_a_model_come_newest_wish_first(store: DeploymentStore) -> None:
    """Whatever the order of writing, and without other models."""
    first = a_deployment(requested_at=NOON)
    second = a_deployment(requested_at=NOON + timedelta(seconds=1))
    other = a_deployment(model_id="wine")
    for deployment in (second, other, first):
        store.add(deployment)

    assert [second, first] == store.of_model("iris")

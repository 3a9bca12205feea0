"""The fake listing and DynamoDB (moto) keep the same promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments import model_index
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.listing import (
    ListedModel,
    ListingThrottledError,
    ModelListing,
    ModelPage,
)
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from tests.builders import NOON, a_deployment, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_listing import FakeModelListing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

TABLE = "deployed_models"
LATER = NOON + timedelta(hours=1)


@dataclass(frozen=True)
class Registry:
    """A listing, and the store behind it."""

    store: DeploymentStore
    listing: ModelListing

    def request(self, model_id: str, **changes: Any) -> Deployment:
        """A deployment that its model is meant to serve."""
        deployment = a_deployment(model_id=model_id, **changes)
        set_desired(self.store, deployment)
        self.store.add(deployment)
        return deployment

    def serve(self, model_id: str, **changes: Any) -> Deployment:
        return self.store.activate(self.request(model_id, **changes))

    def names(self, **asked: Any) -> list[str]:
        return [each.model_id for each in self.listing.page(**asked).models]


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    """With the table and its index, as the stack has them."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "model_id", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "model_id", "AttributeType": "S"},
                {"AttributeName": "id", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": model_index.NAME,
                    "KeySchema": [
                        {"AttributeName": "id", "KeyType": "HASH"},
                        {"AttributeName": "model_id", "KeyType": "RANGE"},
                    ],
                    "Projection": {
                        "ProjectionType": "INCLUDE",
                        "NonKeyAttributes": list(model_index.ATTRIBUTES),
                    },
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture(params=["fake", "dynamodb"])
def registry(request: pytest.FixtureRequest) -> Registry:
    """Each test runs on both."""
    if request.param == "fake":
        store = FakeDeploymentStore()
        return Registry(store, FakeModelListing(store))
    client: DynamoDBClient = request.getfixturevalue("dynamodb")
    return Registry(DynamoDeploymentStore(client, TABLE), DynamoModelListing(client, TABLE))


def test_nothing_is_listed_before_the_first_wish(registry: Registry) -> None:
    """An empty page, and none behind it."""
    assert ModelPage(models=(), more=False) == registry.listing.page(limit=10)


def test_models_come_in_the_order_of_their_names(registry: Registry) -> None:
    """By the bytes of UTF-8, as DynamoDB sorts: the same on every page and in every language."""
    for name in ("wine", "Äpfel", "iris", "Iris", "😀", "\uff5e"):
        registry.request(name)

    assert ["Iris", "iris", "wine", "Äpfel", "\uff5e", "😀"] == registry.names(limit=10)


def test_pages_are_read_one_after_the_other(registry: Registry) -> None:
    """Each begins behind the last name of the one before, and says whether more follow."""
    for number in range(5):
        registry.request(f"model-{number}")

    first = registry.listing.page(limit=2)
    second = registry.listing.page(limit=2, after="model-1")
    third = registry.listing.page(limit=2, after="model-3")

    assert ["model-0", "model-1"] == [each.model_id for each in first.models]
    assert ["model-2", "model-3"] == [each.model_id for each in second.models]
    assert ["model-4"] == [each.model_id for each in third.models]
    assert [True, True, False] == [first.more, second.more, third.more]


def test_a_full_last_page_has_nothing_behind_it(registry: Registry) -> None:
    """A caller is never sent for an empty page."""
    registry.request("iris")
    registry.request("wine")

    assert not registry.listing.page(limit=2).more


def test_a_page_can_begin_behind_a_name_that_is_not_there(registry: Registry) -> None:
    """A model that was the last of a page may be gone by the next."""
    registry.request("wine")

    assert ["wine"] == registry.names(limit=2, after="iris")
    assert [] == registry.names(limit=2, after="zebra")


def test_what_serves_is_shown_while_another_version_comes_up(registry: Registry) -> None:
    """The version that callers get answers from."""
    live = registry.serve("iris")
    registry.request("iris", model_version="2", requested_at=LATER)

    assert (
        ListedModel(
            model_id="iris",
            status=Status.DEPLOYED,
            model_version="1",
            updated_at=live.updated_at,
        ),
    ) == registry.listing.page(limit=1).models


@pytest.mark.parametrize("status", [Status.PENDING, Status.DEPLOYING, Status.FAILED])
def test_before_anything_serves_the_wish_is_shown(registry: Registry, status: Status) -> None:
    """As it stands."""
    requested = registry.request("iris", model_version="7", status=status)

    assert (
        ListedModel(
            model_id="iris", status=status, model_version="7", updated_at=requested.updated_at
        ),
    ) == registry.listing.page(limit=1).models


def test_a_target_without_a_record_is_pending(registry: Registry) -> None:
    """The desired is written first; for a moment there is nothing else."""
    deployment = a_deployment()
    set_desired(registry.store, deployment)

    assert (
        ListedModel(model_id="iris", status=Status.PENDING, model_version="1", updated_at=NOON),
    ) == registry.listing.page(limit=1).models


def test_a_model_that_is_to_serve_nothing_is_stopped(registry: Registry) -> None:
    """It stays in the list: it has a history."""
    registry.request("iris", status=Status.FAILED)
    nothing = DesiredDeployment(
        model_id="iris", deployment_id=None, model_version=None, requested_at=LATER
    )
    registry.store.set_desired(nothing, expected=registry.store.desired("iris"))

    assert (
        ListedModel(model_id="iris", status=Status.STOPPED, model_version=None, updated_at=LATER),
    ) == registry.listing.page(limit=1).models


def test_a_page_holds_every_mixture(registry: Registry) -> None:
    """What serves, what comes up and what failed, a hundred models at once."""
    for number in range(0, 120, 3):
        registry.serve(f"model-{number:03}")
        registry.request(f"model-{number + 1:03}")
        registry.request(f"model-{number + 2:03}", status=Status.FAILED)

    page = registry.listing.page(limit=100)

    expected = [Status.DEPLOYED, Status.DEPLOYING, Status.FAILED] * 40
    assert expected[:100] == [each.status for each in page.models]
    assert page.more


class Reluctant:
    """A table that answers one key of a batch at a time, as one of large items does."""

    def __init__(self, client: "DynamoDBClient", *, answers: int) -> None:
        self._client = client
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        (asked,) = RequestItems.values()
        first, *rest = asked["Keys"]
        if self._answers == 0:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        self._answers -= 1
        answer: Any = self._client.batch_get_item(RequestItems={TABLE: asked | {"Keys": [first]}})
        left = {TABLE: asked | {"Keys": rest}} if rest else {}
        return answer | {"UnprocessedKeys": left}


def reluctantly(dynamodb: "DynamoDBClient", *, answers: int) -> tuple[ModelListing, list[float]]:
    """A listing of three models that come up, and the pauses that it makes."""
    registry = Registry(DynamoDeploymentStore(dynamodb, TABLE), DynamoModelListing(dynamodb, TABLE))
    for name in ("a", "b", "c"):
        registry.request(name)
    pauses: list[float] = []
    reluctant: Any = Reluctant(dynamodb, answers=answers)
    return DynamoModelListing(reluctant, TABLE, sleep=pauses.append), pauses


def test_what_a_batch_leaves_is_asked_for_again(dynamodb: "DynamoDBClient") -> None:
    """After longer and longer pauses."""
    listing, pauses = reluctantly(dynamodb, answers=3)

    assert [Status.DEPLOYING] * 3 == [each.status for each in listing.page(limit=3).models]
    assert 2 == len(set(pauses))
    assert sorted(pauses) == pauses


def test_a_part_is_never_taken_for_the_whole(dynamodb: "DynamoDBClient") -> None:
    """A model would be shown as pending that has long failed."""
    listing, _ = reluctantly(dynamodb, answers=2)

    with pytest.raises(ListingThrottledError):
        listing.page(limit=3)

"""The fake model listing and DynamoDB's (moto) behave the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.listing import (
    ListedModel,
    ModelListing,
    ModelPage,
)
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore, StoreBusyError
from tests.builders import NOON, a_deployment, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_listing import FakeModelListing
from tests.tables import DEPLOYMENTS, create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

TABLE = DEPLOYMENTS
LATER = NOON + timedelta(hours=1)


@dataclass(frozen=True)
class ListedModels:
    """A model listing, and the store with the deployments that it lists."""

    store: DeploymentStore
    listing: ModelListing

    def request(self, model_id: str, **changes: Any) -> Deployment:
        """Return a deployment and make it the desired one of its model."""
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
    """The table with its index, as the stack creates them."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        yield client


@pytest.fixture(params=["fake", "dynamodb"])
def models(request: pytest.FixtureRequest) -> ListedModels:
    """The fake, then DynamoDB's."""
    if request.param == "fake":
        store = FakeDeploymentStore()
        return ListedModels(store, FakeModelListing(store))
    client: DynamoDBClient = request.getfixturevalue("dynamodb")
    return ListedModels(DynamoDeploymentStore(client, TABLE), DynamoModelListing(client, TABLE))


def test_without_a_request_no_model_is_listed(models: ListedModels) -> None:
    """The page is empty and the last one."""
    assert ModelPage(models=(), next_after=None) == models.listing.page(limit=10)


def test_models_are_sorted_by_name(models: ListedModels) -> None:
    """By the bytes of UTF-8, as DynamoDB sorts."""
    for name in ("wine", "Äpfel", "iris", "Iris", "😀", "\uff5e"):
        models.request(name)

    assert ["Iris", "iris", "wine", "Äpfel", "\uff5e", "😀"] == models.names(limit=10)


def test_a_page_starts_after_the_last_name_of_the_one_before(models: ListedModels) -> None:
    """Each page says whether more follow."""
    for number in range(5):
        models.request(f"model-{number}")

    first = models.listing.page(limit=2)
    second = models.listing.page(limit=2, after="model-1")
    third = models.listing.page(limit=2, after="model-3")

    assert ["model-0", "model-1"] == [each.model_id for each in first.models]
    assert ["model-2", "model-3"] == [each.model_id for each in second.models]
    assert ["model-4"] == [each.model_id for each in third.models]
    assert [True, True, False] == [each.next_after is not None for each in (first, second, third)]


def test_a_full_last_page_has_no_successor(models: ListedModels) -> None:
    """A caller is never sent to an empty page."""
    models.request("iris")
    models.request("wine")

    assert models.listing.page(limit=2).next_after is None


def test_a_page_can_start_after_a_deleted_model(models: ListedModels) -> None:
    """The last model of a page may be gone before the next page is read."""
    models.request("wine")

    assert ["wine"] == models.names(limit=2, after="iris")
    assert [] == models.names(limit=2, after="zebra")


def test_the_live_version_is_listed_during_a_deployment(models: ListedModels) -> None:
    """It is the version that answers callers."""
    live = models.serve("iris")
    models.request("iris", model_version="2", requested_at=LATER)

    assert (
        ListedModel(
            model_id="iris",
            status=Status.DEPLOYED,
            model_version="1",
            updated_at=live.updated_at,
        ),
    ) == models.listing.page(limit=1).models


@pytest.mark.parametrize("status", [Status.PENDING, Status.DEPLOYING, Status.FAILED])
def test_without_a_live_version_the_desired_one_is_listed(
    models: ListedModels, status: Status
) -> None:
    """With its current status."""
    requested = models.request("iris", model_version="7", status=status)

    assert (
        ListedModel(
            model_id="iris", status=status, model_version="7", updated_at=requested.updated_at
        ),
    ) == models.listing.page(limit=1).models


def test_a_desired_deployment_without_a_record_is_pending(models: ListedModels) -> None:
    """The desired item is written first, so the record may be missing for a moment."""
    deployment = a_deployment()
    set_desired(models.store, deployment)

    assert (
        ListedModel(model_id="iris", status=Status.PENDING, model_version="1", updated_at=NOON),
    ) == models.listing.page(limit=1).models


def test_an_undeployed_model_is_listed_as_stopped(models: ListedModels) -> None:
    """It stays in the list, because it has a history."""
    models.request("iris", status=Status.FAILED)
    nothing = DesiredDeployment(
        model_id="iris", deployment_id=None, model_version=None, requested_at=LATER
    )
    models.store.set_desired(nothing, expected=models.store.desired("iris"))

    assert (
        ListedModel(model_id="iris", status=Status.STOPPED, model_version=None, updated_at=LATER),
    ) == models.listing.page(limit=1).models


def test_a_page_can_mix_every_status(models: ListedModels) -> None:
    """A hundred models that are live, in progress or failed."""
    for number in range(0, 120, 3):
        models.serve(f"model-{number:03}")
        models.request(f"model-{number + 1:03}")
        models.request(f"model-{number + 2:03}", status=Status.FAILED)

    page = models.listing.page(limit=100)

    expected = [Status.DEPLOYED, Status.DEPLOYING, Status.FAILED] * 40
    assert expected[:100] == [each.status for each in page.models]
    assert page.next_after


class ThrottledTable:
    """A table that answers one key of a batch at a time, as one with large items does."""

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


def throttled(dynamodb: "DynamoDBClient", *, answers: int) -> tuple[ModelListing, list[float]]:
    """Return a listing of three models in progress on such a table, and the pauses it makes."""
    models = ListedModels(
        DynamoDeploymentStore(dynamodb, TABLE), DynamoModelListing(dynamodb, TABLE)
    )
    for name in ("a", "b", "c"):
        models.request(name)
    pauses: list[float] = []
    reluctant: Any = ThrottledTable(dynamodb, answers=answers)
    return DynamoModelListing(reluctant, TABLE, sleep=pauses.append), pauses


def test_unprocessed_keys_are_requested_again(dynamodb: "DynamoDBClient") -> None:
    """With growing pauses."""
    listing, pauses = throttled(dynamodb, answers=3)

    assert [Status.DEPLOYING] * 3 == [each.status for each in listing.page(limit=3).models]
    assert 2 == len(set(pauses))
    assert sorted(pauses) == pauses


def test_an_incomplete_batch_raises(dynamodb: "DynamoDBClient") -> None:
    """Otherwise a failed model would be listed as pending."""
    listing, _ = throttled(dynamodb, answers=2)

    with pytest.raises(StoreBusyError):
        listing.page(limit=3)

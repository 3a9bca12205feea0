"""The fake history of deployments and DynamoDB's (moto) behave the same."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from operator import attrgetter
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from functions.common.deployments import history_index
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_history import DynamoDeploymentHistory
from functions.common.deployments.history import DeploymentHistory, DeploymentPage
from functions.common.deployments.history_index import size_with_entry
from functions.common.deployments.item_size import MAX_ITEM_BYTES, item_size
from functions.common.deployments.items import ROOM_BYTES, deployment_item, fits, live_item
from functions.common.deployments.record import (
    Deployment,
    RequestedBy,
    Status,
    TimelineEntry,
    newest_first,
)
from functions.common.deployments.store import DeploymentStore
from functions.describe.model_info import SHOWN_FIELDS
from tests.builders import NOON, a_deployment
from tests.contract.deployment_store.deployments import ENDPOINT, go_live
from tests.fakes.deployment_history import FakeDeploymentHistory
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.tables import DEPLOYMENTS, create_table


@dataclass(frozen=True)
class Kept:
    """A history, and the store with its deployments."""

    store: DeploymentStore
    history: DeploymentHistory

    def add(self, number: int, **changes: Any) -> Deployment:
        """Keep a deployment that was requested *number* seconds after noon."""
        deployment = a_deployment(requested_at=NOON + timedelta(seconds=number), **changes)
        assert self.store.add(deployment)
        return deployment

    def pages(self, *, limit: int) -> list[list[str]]:
        """Return the ids on every page of `iris`."""
        page = self.history.page("iris", limit=limit)
        found = [ids(page)]
        while page.next_after is not None:
            page = self.history.page("iris", limit=limit, after=page.next_after)
            found.append(ids(page))
        return found


def ids(page: DeploymentPage) -> list[str]:
    return [each.id for each in page.deployments]


@pytest.fixture(params=["fake", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """An empty store: the fake, then DynamoDB's."""
    if request.param == "fake":
        fake = FakeDeploymentStore()
        yield Kept(fake, FakeDeploymentHistory(fake))
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        store = DynamoDeploymentStore(client, DEPLOYMENTS)
        yield Kept(store, DynamoDeploymentHistory(client, DEPLOYMENTS))


def test_pages_lead_through_the_deployments_of_one_model(kept: Kept) -> None:
    """The newest request comes first; each deployment once, also the live and the desired one."""
    deployments = [kept.add(number) for number in (2, 0, 4, 1)]
    deployments.append(go_live(kept.store, a_deployment(requested_at=NOON - timedelta(hours=1))))
    kept.add(3, model_id="wine")

    newest = [each.id for each in newest_first(deployments)]

    assert [newest] == kept.pages(limit=5)
    assert [newest[:4], newest[4:]] == kept.pages(limit=4)
    assert [newest[:2], newest[2:4], newest[4:]] == kept.pages(limit=2)


def test_an_unknown_model_has_one_empty_page(kept: Kept) -> None:
    """It is no error."""
    assert DeploymentPage(deployments=(), next_after=None) == kept.history.page("iris", limit=5)


def test_what_is_shown_of_a_deployment_is_on_its_page(kept: Kept) -> None:
    """The rest, which can be large or secret, is not read."""
    deployment = kept.add(
        0,
        **ENDPOINT,
        status=Status.FAILED,
        origin=RequestedBy.OPERATOR,
        attempt=2,
        reason="No signature.",
        retryable=True,
        endpoint_name="hokus-iris",
        endpoint_secret="secret",
        execution_arn="arn",
        input_schema=[{"type": "double"}],
        input_example={"inputs": [1]},
        timeline=(TimelineEntry(step="validate", time=NOON, outcome="No signature."),),
    )

    (found,) = kept.history.page("iris", limit=1).deployments

    shown = attrgetter(*SHOWN_FIELDS)
    assert shown(deployment) == shown(found)
    defaults = Deployment(
        **{name: getattr(deployment, name) for name in SHOWN_FIELDS if name != "retryable"},
        model_id="iris",
        created_at=deployment.created_at,
        attempt=2,
        retryable=True,
    )
    assert [] == [
        each.name
        for each in fields(Deployment)
        if getattr(defaults, each.name) != getattr(found, each.name)
    ]


def test_a_change_is_on_the_page_at_once(kept: Kept) -> None:
    """The deployment keeps its place."""
    first, second = kept.add(0), kept.add(1)
    live = go_live(kept.store, first)

    page = kept.history.page("iris", limit=5)

    assert [second.id, live.id] == ids(page)
    assert [Status.DEPLOYING, Status.DEPLOYED] == [each.status for each in page.deployments]


def test_large_deployments_take_more_pages(kept: Kept) -> None:
    """DynamoDB's answer ends at 1 MB, wherever the page would end; none is lost."""
    long = (TimelineEntry(step="package", time=NOON, outcome="x" * 200_000),)
    added = [kept.add(number, timeline=long).id for number in range(8)]

    pages = kept.pages(limit=10)

    assert added[::-1] == [each for page in pages for each in page]
    if isinstance(kept.history, DynamoDeploymentHistory):
        assert len(pages) > 1


def test_an_unreadable_deployment_is_on_no_page(kept: Kept) -> None:
    """The others are, also where it was the last one of its page."""
    first, broken, third = (kept.add(number) for number in range(3))
    if isinstance(kept.store, FakeDeploymentStore):
        kept.store.unreadable.add(broken.id)
    else:
        boto3.client("dynamodb", region_name="us-east-1").update_item(
            TableName=DEPLOYMENTS,
            Key={"model_id": {"S": "iris"}, "id": {"S": broken.id}},
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": {"S": "sleeping"}},
        )

    assert [[third.id, first.id]] == kept.pages(limit=3)
    assert [[third.id], [first.id]] == kept.pages(limit=2)


@given(
    st.lists(
        st.builds(
            lambda requested, created, attempt: a_deployment(
                requested_at=NOON + timedelta(microseconds=requested),
                created_at=NOON + timedelta(microseconds=created),
                attempt=attempt,
            ),
            st.integers(0, 10**7),
            st.integers(0, 3),
            st.integers(1, 999_999),
        ),
        unique_by=lambda each: (each.requested_at, each.created_at, each.attempt),
    )
)
def test_positions_sort_as_deployments_do(deployments: list[Deployment]) -> None:
    """In text order, which is DynamoDB's; each has the form that a cursor is checked for."""
    positions = {history_index.position_of(each): each for each in deployments}

    assert list(newest_first(deployments)) == [
        positions[each] for each in sorted(positions, reverse=True)
    ]
    assert all(map(history_index.is_position, positions))


def test_the_index_is_one_that_dynamodb_takes() -> None:
    """20 attributes beside the keys at most; a key whose name stands in expressions as it is."""
    assert len(history_index.ATTRIBUTES) <= 20
    assert history_index.KEY.upper() not in ReservedKeywords.get_reserved_keywords()


def test_an_entry_counts_towards_the_limit_of_its_item() -> None:
    """AWS adds both up, which moto does not; the item `live` has no entry and is the smaller."""
    long = (TimelineEntry(step="package", time=NOON, outcome="x" * 190_000),)
    deployment = a_deployment(timeline=long)
    item = deployment_item(deployment)

    assert item_size(item) < MAX_ITEM_BYTES - ROOM_BYTES
    assert 380_000 < size_with_entry(item) < 382_000
    assert not fits(deployment)
    assert fits(a_deployment())
    assert size_with_entry(live_item(deployment)) < size_with_entry(item)

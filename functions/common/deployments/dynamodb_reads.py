"""Reads of the table `deployed_models`; all are consistent, but those of its indexes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from functions.common.deployments import model_index, unsettled_index
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.dynamodb_batch import read_batch
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import (
    DESIRED,
    LAST_RECORD,
    LIVE,
    deployment_of,
    desired_of,
    key,
    live_id_of,
    text_of,
    unreadable_record,
)
from functions.common.deployments.record import Deployment, Status, newest_first
from functions.common.deployments.store import ModelState
from functions.common.deployments.unreadable import UnreadableRecord
from functions.common.errors import UnreadableRecordError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoDeploymentReads:
    """The reading half of `DynamoDeploymentStore`."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        item = self._item(model_id, deployment_id)
        return deployment_of(item) if item else None

    def live(self, model_id: str) -> Deployment | None:
        return self.get(model_id, LIVE)

    def desired(self, model_id: str) -> DesiredDeployment | None:
        item = self._item(model_id, DESIRED)
        return desired_of(item) if item else None

    def with_desired(
        self, model_id: str, deployment_id: str
    ) -> tuple[Deployment | None, DesiredDeployment | None]:
        keys = [key(model_id, deployment_id), key(model_id, DESIRED)]
        items = {each["id"]["S"]: each for each in read_batch(self._client, self._table, keys)}
        deployment, desired = items.get(deployment_id), items.get(DESIRED)
        return (
            deployment_of(deployment) if deployment else None,
            desired_of(desired) if desired else None,
        )

    def state(self, model_id: str) -> ModelState:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="model_id = :model_id AND id <= :last",
            ExpressionAttributeValues={":model_id": {"S": model_id}, ":last": {"S": LAST_RECORD}},
            ConsistentRead=True,
        )
        return _state(model_id, [item for page in pages for item in page["Items"]])

    def states(self) -> Iterator[ModelState]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table, ConsistentRead=True
        )
        for model_id, items in _by_model(pages).items():
            yield _state(model_id, items)

    def overview(self) -> Iterator[ModelState]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=unsettled_index.NAME,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": unsettled_index.KEY},
            ExpressionAttributeValues={":value": unsettled_index.VALUE},
        )
        for model_id, items in _by_model(pages).items():
            state = _state(model_id, items)
            live = (each.id for each in state.deployments if each.status is Status.DEPLOYED)
            yield replace(state, live_id=next(live, None))

    def model_of(self, deployment_id: str) -> str | None:
        answer = self._client.query(
            TableName=self._table,
            IndexName=model_index.NAME,
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": deployment_id}},
            Limit=1,
        )
        return next((item["model_id"]["S"] for item in answer["Items"]), None)

    def _item(self, model_id: str, sort_key: str) -> Item | None:
        answer = self._client.get_item(
            TableName=self._table, Key=key(model_id, sort_key), ConsistentRead=True
        )
        return answer.get("Item")


def _by_model(pages: Iterable[Any]) -> dict[str, list[Item]]:
    items: dict[str, list[Item]] = defaultdict(list)
    for page in pages:
        for item in page["Items"]:
            if item["id"]["S"] <= LAST_RECORD:
                items[item["model_id"]["S"]].append(item)
    return items


def _state(model_id: str, items: Sequence[Item]) -> ModelState:
    live_id: str | None = None
    desired: DesiredDeployment | None = None
    deployments: list[Deployment] = []
    unreadable: list[UnreadableRecord] = []
    for item in items:
        try:
            match text_of(item, "id"):
                case "live":
                    live_id = live_id_of(item)
                case "target":
                    desired = desired_of(item)
                case _:
                    deployments.append(deployment_of(item))
        except UnreadableRecordError:
            unreadable.append(unreadable_record(item))
    return ModelState(
        model_id=model_id,
        deployments=newest_first(deployments),
        live_id=live_id,
        desired=desired,
        unreadable=tuple(unreadable),
    )

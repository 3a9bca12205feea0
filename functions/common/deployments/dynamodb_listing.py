"""`ModelListing` in the DynamoDB table `deployed_models` (see `dynamodb` and `model_index`).

The index alone answers for models that serve. Models of which nothing serves, as a rule the few
that are in progress or have failed, need one batch read of the table together.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import batched, chain
from typing import TYPE_CHECKING

from functions.common.deployments import model_index
from functions.common.deployments.dynamodb_batch import MAX_KEYS, read_batch
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import DESIRED, LIVE, key, reading, text_of
from functions.common.deployments.listing import ListedModel, ModelPage
from functions.common.deployments.record import Status
from functions.common.errors import UnreadableRecordError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoModelListing:
    """See `ModelListing`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table_name
        self._sleep = sleep

    def page(self, *, limit: int, after: str | None = None) -> ModelPage:
        behind = " AND model_id > :after" if after else ""
        given = {":after": {"S": after}} if after else {}
        found = self._indexed(DESIRED, behind, given, at_most=limit + 1)
        desired_deployments = found[:limit]
        if not desired_deployments:
            return ModelPage(models=(), next_after=None)
        live = self._live(desired_deployments)
        others = self._deployments(
            [each for each in desired_deployments if _name(each) not in live]
        )
        models = [_listed(each, live | others) for each in desired_deployments]
        last = _name(desired_deployments[-1])
        return ModelPage(
            models=tuple(filter(None, models)), next_after=last if len(found) > limit else None
        )

    def _live(self, desired_deployments: Sequence[Item]) -> dict[str, Item]:
        """Return the live item of each model."""
        between = {
            ":first": desired_deployments[0]["model_id"],
            ":last": desired_deployments[-1]["model_id"],
        }
        found = self._indexed(LIVE, " AND model_id BETWEEN :first AND :last", between)
        return {_name(each): each for each in found}

    def _indexed(
        self, sort_key: str, condition: str, values: Item, *, at_most: int | None = None
    ) -> list[Item]:
        """The items under *sort_key*, by their models' names."""
        limited = {"MaxItems": at_most, "PageSize": at_most} if at_most else {}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=model_index.NAME,
            KeyConditionExpression=f"id = :id{condition}",
            ExpressionAttributeValues={":id": {"S": sort_key}, **values},
            PaginationConfig=limited,  # type: ignore[arg-type]  # all are integers
        )
        return [item for page in pages for item in page["Items"]]

    def _deployments(self, desired_deployments: Sequence[Item]) -> dict[str, Item]:
        """Return the desired deployment of each model, where it has been written yet."""
        keys = [
            key(_name(each), id_)
            for each in desired_deployments
            if (id_ := text_of(each, "deployment_id"))
        ]
        found = chain.from_iterable(map(self._batch, batched(keys, MAX_KEYS, strict=False)))
        return {_name(each): each for each in found}

    def _batch(self, keys: Sequence[Item]) -> list[Item]:
        attributes = ("model_id", *model_index.ATTRIBUTES)
        return read_batch(self._client, self._table, keys, attributes=attributes, sleep=self._sleep)


def _listed(desired: Item, deployments: Mapping[str, Item]) -> ListedModel | None:
    """Return the model; None when its items cannot be read."""
    name = _name(desired)
    with suppress(UnreadableRecordError), reading(deployments.get(name) or desired):
        return _model(name, desired, deployments.get(name))
    return None


def _model(name: str, desired: Item, deployment: Item | None) -> ListedModel:
    if deployment:
        status, updated_at = Status(deployment["status"]["S"]), deployment["updated_at"]
    else:
        status = Status.PENDING if "deployment_id" in desired else Status.STOPPED
        updated_at = desired["requested_at"]
    version = (deployment or desired).get("model_version")
    return ListedModel(
        model_id=name,
        status=status,
        model_version=str(version["S"]) if version else None,
        updated_at=datetime.fromisoformat(updated_at["S"]),
    )


def _name(item: Item) -> str:
    return str(item["model_id"]["S"])

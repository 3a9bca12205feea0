"""`UsageStore` in the DynamoDB table `deployed_models`.

One item per model and day, `usage#2026-11-30`, in the model's partition, and one per day,
`users#…`, under `NOBODY`. The sort keys come after those of all records (see `dynamodb_reads`), and
the items have no attribute of an index but the two keys.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, fields
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

from functions.common.deployments.dynamodb_requests import DynamoWriter
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import key, packed, reading, unpacked
from functions.common.dynamodb_values import deserialize, serialize
from functions.common.errors import UnreadableRecordError
from functions.common.ledger.store import NOBODY
from functions.common.usage.distinct import HASH_BYTES
from functions.common.usage.figures import Figures, ModelDay, busiest_first
from functions.common.usage.store import UsersOfDay

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PREFIX = "usage#"
_USERS = "users#"
_FIELDS = tuple(each.name for each in fields(Figures))
KEPT = timedelta(days=396)
"""13 months."""
MOST_USERS = 1_000
MOST_BYTES = 200 * 1024
"""Of the users' part of an item: half of what an item may have, and a query's page has five."""


class DynamoUsageStore:
    """See `UsageStore`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name
        self._writer = DynamoWriter(client, table_name)

    def write(self, day: ModelDay) -> bool:
        users, others = _users(day)
        values = {"users": users, "others": list(astuple(others))}
        return self._put(day.model_id, PREFIX, day, day.total.calls, values)

    def days(self, model_id: str, first: date, last: date) -> Sequence[ModelDay]:
        return list(self._read(model_id, PREFIX, first, last, _model_day))

    def write_users(self, day: UsersOfDay) -> bool:
        hashes = b"".join(each.to_bytes(HASH_BYTES) for each in day.hashes)
        return self._put(NOBODY, _USERS, day, day.calls, {"hashes": hashes})

    def users(self, first: date, last: date) -> Sequence[UsersOfDay]:
        return list(self._read(NOBODY, _USERS, first, last, _users_of_day))

    def _put(
        self,
        model_id: str,
        prefix: str,
        day: ModelDay | UsersOfDay,
        calls: int,
        values: Mapping[str, Any],
    ) -> bool:
        midnight = datetime.combine(day.day, datetime.min.time(), UTC)
        common = {
            "calls": calls,
            "complete": day.complete,
            "expiration": int((midnight + KEPT).timestamp()),
        }
        attributes = {name: serialize(value) for name, value in {**common, **values}.items()}
        return self._writer.put(
            {
                "Item": key(model_id, f"{prefix}{day.day.isoformat()}") | attributes,
                "ConditionExpression": "attribute_not_exists(id) OR calls <= :calls",
                "ExpressionAttributeValues": {":calls": serialize(calls)},
            }
        )

    def _read[Read](
        self,
        model_id: str,
        prefix: str,
        first: date,
        last: date,
        read: Callable[[str, date, Mapping[str, Any]], Read],
    ) -> Iterator[Read]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="model_id = :model_id AND id BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":model_id": {"S": model_id},
                ":first": {"S": f"{prefix}{first.isoformat()}"},
                ":last": {"S": f"{prefix}{last.isoformat()}"},
            },
        )
        for item in (item for page in pages for item in page["Items"]):
            with suppress(UnreadableRecordError), reading(item):
                yield _read_item(item, prefix, read)


def _read_item[Read](
    item: Item, prefix: str, read: Callable[[str, date, Mapping[str, Any]], Read]
) -> Read:
    values = {name: deserialize(value) for name, value in item.items()}
    day = date.fromisoformat(values["id"].removeprefix(prefix))
    return read(values["model_id"], day, values)


def _model_day(model_id: str, day: date, values: Mapping[str, Any]) -> ModelDay:
    users: Mapping[str, Sequence[int]] = unpacked(values["users"])
    return ModelDay(
        model_id=model_id,
        day=day,
        complete=values["complete"],
        users={name: _figures(numbers) for name, numbers in users.items()},
        others=_figures(values["others"]),
    )


def _users_of_day(_model_id: str, day: date, values: Mapping[str, Any]) -> UsersOfDay:
    hashes = batched(values["hashes"], HASH_BYTES, strict=True)
    return UsersOfDay(
        day=day,
        complete=values["complete"],
        calls=int(values["calls"]),
        hashes=tuple(int.from_bytes(each) for each in hashes),
    )


def _users(day: ModelDay) -> tuple[str | bytes, Figures]:
    """Return the users' figures as they are stored, and those of the others."""
    ranked = busiest_first(day.users)
    kept = len(ranked[:MOST_USERS])
    while True:
        users = packed({name: astuple(figures) for name, figures in ranked[:kept]})
        if len(users) <= MOST_BYTES or not kept:
            return users, sum((figures for _, figures in ranked[kept:]), day.others)
        kept //= 2


def _figures(numbers: Sequence[Any]) -> Figures:
    return Figures(**dict(zip(_FIELDS, map(int, numbers), strict=True)))

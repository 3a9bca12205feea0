"""`Ledger` in the DynamoDB table `deployed_models`.

One item per model and month, `usd#2026-11`, in the model's partition, and a total under `NOBODY`.
The sort key comes after those of all records, so that a query for a model's records ends before it
(see `dynamodb_reads`); it has no attribute of an index but the two keys.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import TYPE_CHECKING, Any

from functions.common.deployments.dynamodb_batch import MAX_KEYS, read_batch
from functions.common.deployments.dynamodb_requests import DynamoWriter
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import key, reading
from functions.common.deployments.record import utc_text
from functions.common.dynamodb_values import deserialize, serialize
from functions.common.errors import UnreadableRecordError
from functions.common.ledger.model_month import EndpointCost, ModelMonth, MonthTotal
from functions.common.ledger.months import month_end
from functions.common.ledger.store import NOBODY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PREFIX = "usd#"
_TOTAL = "total#"
KEPT = timedelta(days=396)
"""13 months after a month's end."""


class DynamoLedger:
    """See `Ledger`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name
        self._writer = DynamoWriter(client, table_name)

    def month(self, model_id: str, month: str) -> ModelMonth:
        answer = self._client.get_item(TableName=self._table, Key=key(model_id, f"{PREFIX}{month}"))
        return _model_month(answer.get("Item")) or ModelMonth(model_id=model_id, month=month)

    def months(
        self, model_ids: Collection[str], months: Collection[str]
    ) -> Mapping[tuple[str, str], ModelMonth]:
        names = [(model_id, month) for model_id in model_ids for month in months]
        keys = [key(model_id, f"{PREFIX}{month}") for model_id, month in names]
        items = (
            item
            for batch in batched(keys, MAX_KEYS, strict=False)
            for item in read_batch(self._client, self._table, batch)
        )
        found = {(each.model_id, each.month): each for each in map(_model_month, items) if each}
        return {
            name: found.get(name) or ModelMonth(model_id=name[0], month=name[1]) for name in names
        }

    def write(self, *changed: ModelMonth) -> bool:
        puts = [_put(_item(each), each.version) for each in changed]
        if len(puts) == 1:
            return self._writer.put(puts[0])
        return self._writer.transact(*(("Put", put) for put in puts))

    def total(self, month: str) -> MonthTotal:
        found = read_batch(self._client, self._table, [key(NOBODY, f"{_TOTAL}{month}")])
        return _month_total(month, found[0]) if found else MonthTotal(month=month)

    def write_total(self, total: MonthTotal) -> bool:
        values = {
            "usd": _decimal(total.usd),
            "warned_percent": total.warned_percent,
            "version": total.version + 1,
            "expiration": _expiration(total.month),
        }
        item = {name: serialize(value) for name, value in values.items()}
        return self._writer.put(_put(key(NOBODY, f"{_TOTAL}{total.month}") | item, total.version))


def _put(item: Item, seen: int) -> Item:
    put: Item = {"Item": item}
    if seen == 0:
        return put | {"ConditionExpression": "attribute_not_exists(id)"}
    return put | {
        "ConditionExpression": "version = :seen",
        "ExpressionAttributeValues": {":seen": {"N": str(seen)}},
    }


def _item(changed: ModelMonth) -> Item:
    values = {
        "usd": _decimal(changed.usd),
        "endpoints": {name: _document(each) for name, each in changed.endpoints.items()},
        "shown_usd": None if changed.shown_usd is None else _decimal(changed.shown_usd),
        "shown_on": changed.shown_on.isoformat() if changed.shown_on else None,
        "version": changed.version + 1,
        "expiration": _expiration(changed.month),
    }
    item = {name: serialize(value) for name, value in values.items() if value is not None}
    return key(changed.model_id, f"{PREFIX}{changed.month}") | item


def _document(cost: EndpointCost) -> dict[str, Any]:
    values = {
        "usd": _decimal(cost.usd),
        "since": utc_text(cost.since),
        "seen": utc_text(cost.seen_at),
        "rate": _decimal(cost.usd_per_hour),
        "sleeps": utc_text(cost.sleeps_at) if cost.sleeps_at else None,
        "ended": cost.ended or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _model_month(item: Item | None) -> ModelMonth | None:
    """Return the month of *item*; None where there is none, and for one that cannot be read."""
    if item is None:
        return None
    try:
        with reading(item):
            values = {name: deserialize(value) for name, value in item.items()}
            return ModelMonth(
                model_id=values["model_id"],
                month=values["id"].removeprefix(PREFIX),
                endpoints=dict(_costs(values["endpoints"])),
                shown_usd=float(values["shown_usd"]) if "shown_usd" in values else None,
                shown_on=date.fromisoformat(values["shown_on"]) if "shown_on" in values else None,
                version=int(values["version"]),
            )
    except UnreadableRecordError:
        return None


def _costs(documents: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, EndpointCost]]:
    for name, document in documents.items():
        sleeps = document.get("sleeps")
        yield (
            name,
            EndpointCost(
                usd=float(document["usd"]),
                since=datetime.fromisoformat(document["since"]),
                seen_at=datetime.fromisoformat(document["seen"]),
                usd_per_hour=float(document["rate"]),
                sleeps_at=datetime.fromisoformat(sleeps) if sleeps else None,
                ended=document.get("ended", False),
            ),
        )


def _month_total(month: str, item: Item) -> MonthTotal:
    values = {name: deserialize(value) for name, value in item.items()}
    return MonthTotal(
        month=month,
        usd=float(values["usd"]),
        warned_percent=int(values["warned_percent"]),
        version=int(values["version"]),
    )


def _expiration(month: str) -> int:
    return int((month_end(month) + KEPT).timestamp())


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))

"""A client of DynamoDB whose tables are in this process, and which counts request units.

It knows the operations, keys and indexes that the service uses, and nothing else: what it does not
know raises NotImplementedError. moto's parsers evaluate the expressions; moto itself looks at every
item of a table for each query, which takes hours with 24,000 items. The contracts of the adapters
are tested on moto and MiniStack; here, sizes and numbers of requests count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.dynamo_type import Item as ParsedItem
from moto.dynamodb.parsing import expressions
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from bench.metering import Tally
from bench.request_units import PAGE_BYTES, index_write_units, read_units, write_units
from functions.common.deployments.history_index import size_with_entry
from functions.common.deployments.item_size import MAX_ITEM_BYTES, Item, item_size
from tests.tables import _INDEXES, _KEYS, _LOCAL_INDEXES, DEPLOYMENTS

type Key = tuple[str, ...]

_ALL_INDEXES = {**_INDEXES, **_LOCAL_INDEXES}


_EVERYTHING: tuple[str, str | None] = ("", None)


class ConditionFailedError(ClientError):
    """A condition that does not hold."""


class _Stored(NamedTuple):
    """An item, or an index's entry of one, with its bytes."""

    item: Item
    size: int


_NOTHING = _Stored({}, 0)
_TOO_LARGE: Any = {"Error": {"Code": "ValidationException", "Message": "Item size is too large"}}


class MemoryDynamo:
    """The part of boto3's client that the service uses.

    Args:
        ledger: Returns the tally that is charged.
        pause: Called at the start of every operation, which takes time.
    """

    exceptions = SimpleNamespace(ConditionalCheckFailedException=ConditionFailedError)

    def __init__(
        self, ledger: Callable[[], Tally], *, pause: Callable[[], None] = lambda: None
    ) -> None:
        self._ledger, self._pause = ledger, pause
        self._tables: dict[str, dict[str, dict[Key, _Stored]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._indexes: dict[str, dict[str, dict[Key, _Stored]]] = defaultdict(
            lambda: defaultdict(dict)
        )

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> Item:  # noqa: N803
        tally = self._charged("GetItem")
        found = self._stored(TableName, Key)
        tally.reads += read_units(found.size, consistent=ConsistentRead)
        return {"Item": found.item} if found.item else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Item:  # noqa: N803
        tally, answers = self._charged("BatchGetItem"), {}
        for table, request in RequestItems.items():
            every = [self._stored(table, key) for key in request["Keys"]]
            consistent = request.get("ConsistentRead", False)
            # One that is not there costs a unit, too.
            tally.reads += sum(read_units(each.size, consistent=consistent) for each in every)
            answers[table] = [each.item for each in every if each.item]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def query(self, **params: Any) -> Item:
        return next(self._pages("query", params))

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **params: self._pages(operation, params))

    def put_item(self, **params: Any) -> Item:
        return self._write("PutItem", [("Put", params)])

    def update_item(self, **params: Any) -> Item:
        return self._write("UpdateItem", [("Update", params)])

    def delete_item(self, **params: Any) -> Item:
        return self._write("DeleteItem", [("Delete", params)])

    def transact_write_items(self, *, TransactItems: list[Item]) -> Item:  # noqa: N803
        parts = [part for each in TransactItems for part in each.items()]
        return self._write("TransactWriteItems", parts)

    def _charged(self, operation: str) -> Tally:
        self._pause()
        tally = self._ledger()
        tally.requests[f"dynamodb.{operation}"] += 1
        return tally

    def _pages(self, operation: str, params: Mapping[str, Any]) -> Iterator[Item]:
        consistent = params.get("ConsistentRead", False)
        left = self._found(operation, params)
        upcoming = next(left, None)
        while True:
            tally, size = self._charged(operation.capitalize()), 0
            page: list[Item] = []
            limit = params.get("Limit", float("inf"))
            while upcoming and size + upcoming.size <= PAGE_BYTES and len(page) < limit:
                page.append(upcoming.item)
                size += upcoming.size
                upcoming = next(left, None)
            tally.pages += 1
            tally.reads += read_units(size, consistent=consistent)
            yield {"Items": page}
            if upcoming is None:
                return

    def _found(self, operation: str, params: Mapping[str, Any]) -> Iterator[_Stored]:
        """Yield the items in the order of their sort keys; a scan's partitions in any order."""
        table = self._tables[params["TableName"]]
        if operation == "scan":
            partitions, (first, last) = list(table.values()), _EVERYTHING
        else:
            expression, _, range_ = params["KeyConditionExpression"].partition(" AND ")
            name, _, value = expression.partition(" = ")
            values, names = params["ExpressionAttributeValues"], _names(params)
            if value not in values:
                raise NotImplementedError(params["KeyConditionExpression"])
            first, last = _bounds(range_, values)
            index = params.get("IndexName")
            keys = _ALL_INDEXES[index][0] if index else _KEYS[params["TableName"]]
            assert names.get(name, name) == keys[0]
            within = self._indexes[index] if index else table
            partitions = [within[values[value]["S"]]]
        for partition in partitions:
            for key in sorted(partition):
                if first <= key[1] and (last is None or key[1] <= last):
                    yield partition[key]

    def _write(self, operation: str, parts: list[tuple[str, Item]]) -> Item:
        """Make all writes, or none where a condition does not hold."""
        tally, changes = self._charged(operation), []
        refused = None
        for kind, params in parts:
            before = self._stored(params["TableName"], params.get("Key") or params["Item"])
            holds = _holds(params, before.item)
            refused = refused if holds else params
            try:
                after = _changed(kind, params, before) if holds else before
            except ItemSizeTooLarge as error:
                raise ClientError(_TOO_LARGE, operation) from error
            changes.append((params, before, after))
        together = operation == "TransactWriteItems"
        for params, before, after in changes:
            written = before if refused else after
            tally.writes += write_units(before.size, written.size, in_transaction=together)
            if written is not before:
                tally.index_writes += self._store(params["TableName"], before, written)
        if refused:
            raise _refusal(operation, refused, changes)
        return {}

    def _stored(self, table: str, key: Item) -> _Stored:
        partition, full = _key(_KEYS[table], key)
        return self._tables[table][partition].get(full, _NOTHING)

    def _store(self, table: str, before: _Stored, after: _Stored) -> int:
        """Replace the item; return the units of what changes in the indexes."""
        _replace(self._tables[table], _KEYS[table], before, after)
        if table != DEPLOYMENTS:
            return 0
        units = 0
        for name, (keys, attributes) in _ALL_INDEXES.items():
            shown = {*keys, *_KEYS[table], *attributes}
            old, new = (_entry(each, keys, shown) for each in (before, after))
            if old.item == new.item:
                continue
            moved = any(old.item.get(key) != new.item.get(key) for key in keys)
            units += index_write_units(old.size, new.size, moved=moved)
            _replace(self._indexes[name], (*keys, *_KEYS[table]), old, new)
        return units


def _bounds(condition: str, values: Item) -> tuple[str, str | None]:
    """Return the first and the last sort key of a key condition's range."""
    match condition.split():
        case []:
            return _EVERYTHING
        case [_, "<=", last] if last in values:
            return "", values[last]["S"]
        case [_, "BETWEEN", first, "AND", last] if {first, last} <= values.keys():
            return values[first]["S"], values[last]["S"]
    raise NotImplementedError(condition)


def a_counting_table(tally: Tally | None = None) -> Any:
    """Return a client that charges *tally*; in place of boto3's, of which it has a part."""
    charged = tally or Tally()
    return MemoryDynamo(lambda: charged)


def _replace(
    within: dict[str, dict[Key, _Stored]], keys: Key, before: _Stored, after: _Stored
) -> None:
    if before.item:
        partition, full = _key(keys, before.item)
        del within[partition][full]
    if after.item:
        partition, full = _key(keys, after.item)
        within[partition][full] = after


def _key(names: Key, item: Item) -> tuple[str, Key]:
    values = tuple(item[name]["S"] for name in names)
    return values[0], values


def _entry(stored: _Stored, keys: Key, shown: set[str]) -> _Stored:
    if not keys or any(key not in stored.item for key in keys):
        return _NOTHING
    item = {name: value for name, value in stored.item.items() if name in shown}
    return _Stored(item, item_size(item))


def _changed(kind: str, params: Item, before: _Stored) -> _Stored:
    match kind:
        case "Put":
            item = dict(params["Item"])
        case "Update":
            item = _updated(params, before.item)
        case "Delete":
            return _NOTHING
        case "ConditionCheck":
            return before
        case other:
            raise NotImplementedError(other)
    if size_with_entry(item) > MAX_ITEM_BYTES:
        raise ItemSizeTooLarge
    return _Stored(item, item_size(item))


def _names(params: Mapping[str, Any]) -> dict[str, str]:
    return params.get("ExpressionAttributeNames", {})


def _parsed(item: Item) -> ParsedItem:
    nothing = DynamoType({"S": ""})
    return ParsedItem(nothing, None, attrs=item)


def _holds(params: Mapping[str, Any], item: Item) -> bool:
    if not (condition := params.get("ConditionExpression")):
        return True
    values = params.get("ExpressionAttributeValues", {})
    return bool(get_filter_expression(condition, _names(params), values).expr(_parsed(item)))


def _updated(params: Mapping[str, Any], item: Item) -> Item:
    parsed = _parsed(item or params["Key"])
    UpdateExpressionExecutor(
        _validated(params, parsed), parsed, expression_attribute_names=_names(params)
    ).execute()
    return dict(parsed.to_json()["Attributes"])


def _validated(params: Mapping[str, Any], parsed: ParsedItem) -> Any:
    table: Any = SimpleNamespace(table_key_attrs=[*params["Key"]], attr=[], attribute_keys=[])
    # mypy does not see this class.
    parser: Any = expressions.UpdateExpressionParser  # type: ignore[attr-defined]
    syntax = UpdateExpressionValidator(
        parser.make(params["UpdateExpression"]),
        expression_attribute_names=_names(params),
        expression_attribute_values=params.get("ExpressionAttributeValues", {}),
        item=parsed,
        table=table,
    ).validate()
    syntax.normalize()
    return syntax


def _refusal(operation: str, params: Item, changes: list[Any]) -> ClientError:
    response: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
    if operation == "TransactWriteItems":
        reasons = [
            {"Code": "ConditionalCheckFailed" if each is params else "None"}
            for each, _, _ in changes
        ]
        response["Error"]["Code"] = "TransactionCanceledException"
        response["CancellationReasons"] = reasons
        return ClientError(response, operation)
    ((_, before, _),) = changes
    if params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before.item:
        response["Item"] = before.item
    return ConditionFailedError(response, operation)

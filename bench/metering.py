"""Counts what is asked of DynamoDB and of ports, and what of it AWS would bill."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from functions.common.deployments.item_size import item_size

type Item = dict[str, Any]

KIB = 1024


@dataclass(slots=True)
class Tally:
    """Requests made.

    Attributes:
        reads, writes: DynamoDB's request units.
        pages: Answers to queries and scans.
        requests: Calls of DynamoDB by operation, and of ports by `port.method`.
        lambdas: Invocations by task.
        tag_writes: Tags set on, or removed from, the registry's versions.
    """

    reads: int = 0
    writes: int = 0
    pages: int = 0
    tag_writes: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    lambdas: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what *other* has counted, too."""
        self.reads += other.reads
        self.writes += other.writes
        self.pages += other.pages
        self.tag_writes += other.tag_writes
        self.requests.update(other.requests)
        self.lambdas.update(other.lambdas)

    def of_port(self, port: str) -> Counter[str]:
        """The port's calls, by method."""
        prefix = f"{port}."
        return Counter(
            {
                name.removeprefix(prefix): count
                for name, count in self.requests.items()
                if name.startswith(prefix)
            }
        )


class Ledger:
    """The tally that is being written; what nobody opened one for goes to the first."""

    def __init__(self) -> None:
        self.now = Tally()

    @contextmanager
    def opened(self) -> Iterator[Tally]:
        """Everything within the block counts into the new tally alone."""
        before, self.now = self.now, Tally()
        try:
            yield self.now
        finally:
            self.now = before


class MeteredPort:
    """A port whose *methods* are counted; all else passes through."""

    def __init__(
        self, port: Any, name: str, methods: frozenset[str], ledger: Callable[[], Tally]
    ) -> None:
        self._port, self._name, self._methods, self._ledger = port, name, methods, ledger

    def __getattr__(self, name: str) -> Any:
        if name in self._methods:
            self._ledger().requests[f"{self._name}.{name}"] += 1
        return getattr(self._port, name)


class DynamoMeter:
    """Request units of a client's calls, from the sizes of the items they touch.

    moto answers `ReturnConsumedCapacity` with 1 whatever the size, so AWS's rules are applied
    here: a consistent read costs a unit per begun 4 KB (a query's or scan's page as a whole), a
    write one per begun 1 KB of the item before or after it, whichever is larger, a refused write
    as much as the item that refused it, and each item of a transaction twice that. A condition
    check in a transaction is counted as a write of the item it looks at. Sources:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    Writes to the indexes are not counted.

    *observer* is another client, which is not counted, for the items before and after a write.
    """

    def __init__(self, client: Any, observer: Any, ledger: Callable[[], Tally]) -> None:
        self._observer, self._ledger = observer, ledger
        self._written: list[tuple[str, Item, int]] = []
        events = client.meta.events
        events.register("provide-client-params.dynamodb.*", self._before)
        events.register("after-call.dynamodb.*", self._after)

    def _before(self, params: Item, **_more: Any) -> None:
        parts = params.get("TransactItems", [{"": params}])
        bodies = [body for part in parts for body in part.values()]
        batch = list(params.get("RequestItems", {}).values())
        self._consistent = all(each.get("ConsistentRead") for each in (batch or [params]))
        self._index = params.get("IndexName")
        self._batch_keys = sum(len(each["Keys"]) for each in batch)
        self._written = [
            (body["TableName"], key, self._size_of(body["TableName"], key))
            for body in bodies
            if (key := _key_written(body))
        ]

    def _after(self, parsed: Item, model: Any, **_more: Any) -> None:
        tally, operation = self._ledger(), model.name
        tally.requests[f"dynamodb.{operation}"] += 1
        match operation:
            case "GetItem":
                tally.reads += self._read_units(item_size(parsed.get("Item", {})))
            case "BatchGetItem":
                found = [each for items in parsed["Responses"].values() for each in items]
                tally.reads += sum(self._read_units(item_size(each)) for each in found)
                # One that is not there costs a unit, too.
                tally.reads += self._batch_keys - len(found)
            case "Query" | "Scan":
                tally.pages += 1
                tally.reads += self._read_units(sum(map(item_size, parsed["Items"])))
            case "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems":
                times = 2 if operation == "TransactWriteItems" else 1
                for table, key, before in self._written:
                    largest = max(before, self._size_of(table, key))
                    tally.writes += times * max(1, ceil(largest / KIB))
            case other:
                raise NotImplementedError(other)

    def _read_units(self, size: int) -> int:
        """Half of a unit for a read of an index, which is a moment behind, rounded up.

        Raises: NotImplementedError (another eventually consistent read, of which there is none).
        """
        units = max(1, ceil(size / (4 * KIB)))
        if self._index:
            return ceil(units / 2)
        if not self._consistent:
            raise NotImplementedError("eventually consistent read")
        return units

    def _size_of(self, table: str, key: Item) -> int:
        answer = self._observer.get_item(TableName=table, Key=key, ConsistentRead=True)
        return item_size(answer.get("Item", {}))


def _key_written(body: Item) -> Item | None:
    """The key of the item that a request, or a part of one, writes or checks; None: it reads."""
    if "Item" in body:
        return {name: body["Item"][name] for name in ("model_id", "id")}
    writes = {"UpdateExpression", "ConditionExpression"} & body.keys()
    return body["Key"] if writes else None

"""Counts what is read from DynamoDB."""

from collections import Counter
from typing import Any

from functions.common.deployments.item_size import item_size


class TableReads:
    """The requests of a client from now on, by operation, and the items in their answers."""

    def __init__(self, client: Any) -> None:
        self.requests: Counter[str] = Counter()
        self.items = 0
        self.item_bytes = 0
        client.meta.events.register("after-call.dynamodb", self._count)

    def _count(self, parsed: dict[str, Any], model: Any, **_more: object) -> None:
        found = [*parsed.get("Items", []), *([parsed["Item"]] if "Item" in parsed else [])]
        self.requests[model.name] += 1
        self.items += len(found)
        self.item_bytes += sum(map(item_size, found))

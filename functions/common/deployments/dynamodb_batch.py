"""Batch reads of the table `deployed_models`: several items in one request."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from functions.common.deployments.item_size import Item
from functions.common.deployments.store import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_KEYS = 100
"""The most that one BatchGetItem takes."""
_ATTEMPTS = 6
_FIRST_PAUSE_S = 0.05


def read_batch(
    client: "DynamoDBClient",
    table_name: str,
    keys: Sequence[Item],
    *,
    attributes: Sequence[str] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> list[Item]:
    """Read the items of at most `MAX_KEYS` *keys* consistently, in any order, without missing ones.

    *attributes* restricts what is returned; empty: all of it. One answer holds at most 16 MB, so
    what is left of a batch is asked for again.

    Raises: StoreBusyError (the table answered only a part, however often it was asked).
    """
    names = {f"#{name}": name for name in attributes}
    projection = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
    request = {"Keys": list(keys), "ConsistentRead": True, **(projection if names else {})}
    asked: Mapping[str, Any] = {table_name: request}
    found: list[Item] = []
    for attempt in range(_ATTEMPTS):
        answer = client.batch_get_item(RequestItems=asked)
        found += answer["Responses"].get(table_name, [])
        if not (asked := answer["UnprocessedKeys"]):
            return found
        sleep(_FIRST_PAUSE_S * 2**attempt)
    raise StoreBusyError("The table answers only a part of what is asked. Try again.")

"""`TallyStore` in the DynamoDB table that all execution environments share."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.common.agreements.store import TalliesUnavailableError
from functions.common.agreements.tally import ComparedCall, Tally
from functions.common.dynamodb_values import deserialize, serialize

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEPT_S = 24 * 3600
"""Seconds after the last call; a comparison takes minutes, and its outcome is on record."""
_COUNTS = ("calls", "agreeing", "errors", "live_ms", "candidate_ms")
_DIGITS = 6


class DynamoTallyStore:
    """Adds each call's counts in one request, and its difference in a second one if it is the
    largest: DynamoDB adds, and takes no maximum."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def get(self, candidate_id: str, live_id: str) -> Tally:
        with _unavailable():
            answer = self._client.get_item(
                TableName=self._table, Key=_key(candidate_id, live_id), ConsistentRead=True
            )
        values = {name: deserialize(value) for name, value in answer.get("Item", {}).items()}
        difference = values.get("difference")
        return Tally(
            **{name: int(values.get(name, 0)) for name in _COUNTS},
            difference=None if difference is None else float(difference),
        )

    def add(self, candidate_id: str, live_id: str, call: ComparedCall) -> None:
        added = {
            "calls": 1,
            "agreeing": int(call.agrees),
            "errors": int(call.failed),
            "live_ms": call.live_ms,
            "candidate_ms": call.candidate_ms,
        }
        parts = ", ".join(f"{name} :{name}" for name in added)
        with _unavailable():
            self._client.update_item(
                TableName=self._table,
                Key=_key(candidate_id, live_id),
                UpdateExpression=f"ADD {parts} SET expiration = :expiration",
                ExpressionAttributeValues={
                    **{f":{name}": serialize(value) for name, value in added.items()},
                    ":expiration": serialize(int(self._now() + KEPT_S)),
                },
            )
            if call.difference:
                self._raise_difference(_key(candidate_id, live_id), call.difference)

    def _raise_difference(self, key: dict[str, Any], difference: float) -> None:
        value = serialize(Decimal(f"{difference:.{_DIGITS}g}"))
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression="SET difference = :difference",
                ConditionExpression="attribute_not_exists(difference) OR difference < :difference",
                ExpressionAttributeValues={":difference": value},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise TalliesUnavailableError(type(error).__name__) from error


def _key(candidate_id: str, live_id: str) -> dict[str, Any]:
    return {"id": {"S": f"agreement#{candidate_id}#{live_id}"}}

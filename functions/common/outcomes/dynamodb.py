"""`CallCountStore` in the DynamoDB table that all execution environments share."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.common.outcomes.counts import QUARTER_S, CallCounts
from functions.common.outcomes.store import MOST_QUARTERS, CallCountsUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEPT_S = (MOST_QUARTERS + 4) * QUARTER_S
"""Seconds after the beginning of a quarter: longer than anybody asks for it."""


class DynamoCallCountStore:
    """`CallCountStore` whose writing *client* tries once and gives up within a second."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def add(self, deployment_id: str, quarter: int, counts: CallCounts) -> None:
        with _unavailable():
            self._client.update_item(
                TableName=self._table,
                Key=_key(deployment_id, quarter),
                UpdateExpression="ADD calls :calls, faults :faults SET expiration = :expiration",
                ExpressionAttributeValues={
                    ":calls": {"N": str(counts.calls)},
                    ":faults": {"N": str(counts.faults)},
                    ":expiration": {"N": str(quarter * QUARTER_S + KEPT_S)},
                },
            )

    def total(self, deployment_id: str, quarters: Collection[int]) -> CallCounts:
        if not quarters:
            return CallCounts()
        keys = [_key(deployment_id, each) for each in quarters]
        with _unavailable():
            response = self._client.batch_get_item(
                RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
            )
        if response.get("UnprocessedKeys"):
            raise CallCountsUnavailableError("throttled")
        items = response["Responses"].get(self._table, [])
        return sum((_counts(each) for each in items), CallCounts())


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CallCountsUnavailableError(type(error).__name__) from error


def _key(deployment_id: str, quarter: int) -> dict[str, Any]:
    return {"id": {"S": f"outcomes#{deployment_id}#{quarter}"}}


def _counts(item: Any) -> CallCounts:
    return CallCounts(calls=int(item["calls"]["N"]), faults=int(item["faults"]["N"]))

"""`LeaseStore` in the DynamoDB table that all execution environments share.

An item can be leased from `free_at` (Unix seconds) on: the end of the lease, or of the time for
which the answer is kept. Time to live only tidies up.
"""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from functions.predict.idempotency.leases import (
    MAX_ANSWER_BYTES,
    Completed,
    InProgress,
    Lease,
    LeasesUnavailableError,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoLeaseStore:
    """`LeaseStore` whose *client* tries once and gives up within a second."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def acquire(self, id_: str, *, digest: str, lease_s: float) -> Lease | InProgress | Completed:
        lease, now = Lease(id_, digest, uuid4().hex), self._now()
        item = _item(lease, lease_expires_at=now + lease_s)
        with _translated() as failed:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(id) OR free_at <= :now",
                ExpressionAttributeValues={":now": _number(now)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        found: Mapping[str, Any] = failed.get("Item") or item
        # A put that botocore sent twice meets its own item.
        if found["token"] == item["token"]:
            return lease
        if "answer" not in found:
            return InProgress(found["digest"]["S"])
        return Completed(found["digest"]["S"], zlib.decompress(found["answer"]["B"]))

    def complete(self, lease: Lease, answer: bytes, *, keep_s: float) -> None:
        packed = zlib.compress(answer, 1)
        if len(packed) > MAX_ANSWER_BYTES:
            self.release(lease)
            return
        item = _item(lease, lease_expires_at=self._now() + keep_s) | {"answer": {"B": packed}}
        with _translated():
            self._client.put_item(TableName=self._table, Item=item, **_still_held(lease))

    def release(self, lease: Lease) -> None:
        key = {"id": {"S": lease.id}}
        with _translated():
            self._client.delete_item(TableName=self._table, Key=key, **_still_held(lease))


def _item(lease: Lease, *, lease_expires_at: float) -> dict[str, Any]:
    return {
        "id": {"S": lease.id},
        "digest": {"S": lease.digest},
        "token": {"S": lease.token},
        "free_at": _number(lease_expires_at),
        "expiration": {"N": str(int(lease_expires_at) + 1)},
    }


def _still_held(lease: Lease) -> Any:
    return {
        "ConditionExpression": "#token = :token",
        "ExpressionAttributeNames": {"#token": "token"},
        "ExpressionAttributeValues": {":token": {"S": lease.token}},
    }


@contextmanager
def _translated() -> Iterator[dict[str, Any]]:
    """Yield a dict that holds DynamoDB's response if a condition fails."""
    failed: dict[str, Any] = {}
    try:
        yield failed
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise LeasesUnavailableError(type(error).__name__) from error
        failed.update(error.response)
    except BotoCoreError as error:
        raise LeasesUnavailableError(type(error).__name__) from error


def _number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.3f}"}

"""`LeaseStore` in the DynamoDB table that the data plane's environments share.

An item is free for the next claim from `free_at` (Unix seconds) on: at the end of the lease while
there is work, and once an answer has been kept for long enough. Time to live only tidies up.
"""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from functions.predict.single_flight.claims import Lease, LeasesUnavailableError, Standing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PART_BYTES = 380_000
"""DynamoDB takes items of 400 KB; what is larger goes into several."""
LEFT_OVER_S = 600
"""How much longer than an answer's its parts' time to live is: they must not go first."""


class DynamoLeaseStore:
    """See `LeaseStore`; *client* is expected to try once and to give up within a second."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def claim(self, id_: str, *, digest: str, lease_s: float) -> Lease | Standing:
        claim = Lease(id_, digest, uuid4().hex)
        item = self._item(claim, free_at=self._now() + lease_s)
        free = "attribute_not_exists(id) OR free_at <= :now"
        standing = self._put(item, free, {":now": _number(self._now())})
        if standing is None or standing["token"] == item["token"]:
            return claim
        return Standing(standing["digest"]["S"], self._answer(standing))

    def finish(self, claim: Lease, answer: bytes, *, keep_s: float) -> None:
        packed = zlib.compress(answer, 1)
        parts = [packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES)]
        item = self._item(claim, free_at=self._now() + keep_s)
        if len(parts) == 1:
            item["answer"] = {"B": packed}
        else:
            self._put_parts(claim, parts, keep_s)
            item["parts"] = {"N": str(len(parts))}
        self._put(item, "#token = :token", {":token": item["token"]}, {"#token": "token"})

    def abandon(self, claim: Lease) -> None:
        with _translated():
            self._client.delete_item(
                TableName=self._table,
                Key={"id": {"S": claim.id}},
                ConditionExpression="#token = :token",
                ExpressionAttributeNames={"#token": "token"},
                ExpressionAttributeValues={":token": {"S": claim.token}},
            )

    def _item(self, claim: Lease, *, free_at: float) -> dict[str, Any]:
        return {
            "id": {"S": claim.id},
            "digest": {"S": claim.digest},
            "token": {"S": claim.token},
            "free_at": _number(free_at),
            "expiration": {"N": str(int(free_at) + 1)},
        }

    def _put(
        self,
        item: dict[str, Any],
        condition: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> Mapping[str, Any] | None:
        """None, or what stands there instead."""
        named: Any = {"ExpressionAttributeNames": names} if names else {}
        with _translated() as failed:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **named,
            )
        return failed.get("Item")

    def _put_parts(self, claim: Lease, parts: list[bytes], keep_s: float) -> None:
        """Under the claim's own token, so that a later claim's are others."""
        expiration = {"N": str(int(self._now() + keep_s) + LEFT_OVER_S)}
        for number, part in enumerate(parts):
            item = {**_part_key(claim.id, claim.token, number), "answer": {"B": part}}
            with _translated():
                self._client.put_item(TableName=self._table, Item=item | {"expiration": expiration})

    def _answer(self, item: Mapping[str, Any]) -> bytes | None:
        """Raises: LeasesUnavailableError (a part is missing)."""
        if "answer" in item:
            return zlib.decompress(item["answer"]["B"])
        if "parts" not in item:
            return None
        numbers = range(int(item["parts"]["N"]))
        return zlib.decompress(b"".join(self._part(item, number) for number in numbers))

    def _part(self, item: Mapping[str, Any], number: int) -> bytes:
        key = _part_key(item["id"]["S"], item["token"]["S"], number)
        with _translated():
            found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        if "Item" not in found:
            raise LeasesUnavailableError("a part is missing")
        return bytes(found["Item"]["answer"]["B"])


@contextmanager
def _translated() -> Iterator[dict[str, Any]]:
    """Yields what will hold DynamoDB's answer if a condition failed."""
    failed: dict[str, Any] = {}
    try:
        yield failed
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise LeasesUnavailableError(type(error).__name__) from error
        failed.update(error.response)
    except BotoCoreError as error:
        raise LeasesUnavailableError(type(error).__name__) from error


def _part_key(id_: str, token: str, number: int) -> dict[str, Any]:
    return {"id": {"S": f"{id_}#{token}#{number}"}}


def _number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.3f}"}

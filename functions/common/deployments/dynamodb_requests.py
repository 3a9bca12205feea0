"""Writes to DynamoDB: one item, or several in a transaction, and what their failures mean."""

import random
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.common.deployments.item_size import Item
from functions.common.deployments.store import RecordTooLargeError, StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

ATTEMPTS = 5
_FIRST_PAUSE_S = 0.05
_CONDITION_FAILED = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
_CONFLICTS = {
    "TransactionConflictException",
    "TransactionConflict",
    "TransactionInProgressException",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
}
"""Another write of the same item, or too many of them: botocore repeats none of these."""
_INVALID = {"ValidationException", "ValidationError"}
_TOO_LARGE = "item size"
"""In the message of an item over 400 KB, which has no code of its own."""


class _Failure(Enum):
    CONDITION = auto()
    CONFLICT = auto()
    TOO_LARGE = auto()
    OTHER = auto()


class DynamoWriter:
    """Makes writes to one table; conflicts and throttled transactions are tried again.

    A transaction is cancelled for several reasons, of which a condition that does not hold is
    only one. Source:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._table = table_name
        self._sleep = sleep
        self._jitter = jitter

    def put(self, write: Item) -> bool:
        """Put an item; False when the condition does not hold.

        Raises: StoreBusyError, RecordTooLargeError; other errors are botocore's.
        """
        return self._attempt(lambda: self._client.put_item(TableName=self._table, **write))

    def update(self, write: Item) -> bool:
        """Update an item; as `put`."""
        return self._attempt(lambda: self._client.update_item(TableName=self._table, **write))

    def delete(self, write: Item) -> bool:
        """Delete an item; as `put`."""
        return self._attempt(lambda: self._client.delete_item(TableName=self._table, **write))

    def transact(self, *parts: tuple[str, Item]) -> bool:
        """Make all writes; False, and none of them, when a condition does not hold. As `put`."""
        items: list[Any] = [{kind: {"TableName": self._table, **write}} for kind, write in parts]
        return self._attempt(lambda: self._client.transact_write_items(TransactItems=items))

    def _attempt(self, write: Callable[[], object]) -> bool:
        for attempt in range(ATTEMPTS):
            try:
                write()
            except ClientError as error:
                match _failure(error):
                    case _Failure.CONDITION:
                        return False
                    case _Failure.TOO_LARGE:
                        raise RecordTooLargeError("An item is larger than 400 KB.") from error
                    case _Failure.OTHER:
                        raise
            else:
                return True
            self._sleep(self._jitter() * _FIRST_PAUSE_S * 2**attempt)
        raise StoreBusyError("The records are being changed by others. Try again.")


def _failure(error: ClientError) -> _Failure:
    """Return what the error means. A condition that does not hold counts more than a conflict:
    the same write fails again."""
    found = {_meaning(code, message) for code, message in _reasons(error)}
    return next((each for each in _Failure if each in found), _Failure.OTHER)


def _reasons(error: ClientError) -> list[tuple[str, str]]:
    """Return code and message of the error, or of each part of a cancelled transaction."""
    response: Mapping[str, Any] = error.response
    reasons = response.get("CancellationReasons") or [response["Error"]]
    found = [(each.get("Code") or "None", each.get("Message") or "") for each in reasons]
    return [(code, message) for code, message in found if code != "None"]


def _meaning(code: str, message: str) -> _Failure:
    if code in _CONDITION_FAILED:
        return _Failure.CONDITION
    if code in _CONFLICTS:
        return _Failure.CONFLICT
    if code in _INVALID and _TOO_LARGE in message.lower():
        return _Failure.TOO_LARGE
    return _Failure.OTHER

"""Port and adapter: logs that are kept of failed deployments.

One item per deployment, `~log#<its id>`, in the model's partition; it comes after all records
(`LAST_RECORD`), as what else is kept there.
"""

import lzma
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from functions.common.deployments.dynamodb_requests import DynamoWriter
from functions.common.deployments.items import key
from functions.common.deployments.record import utc_now, utc_text
from functions.common.dynamodb_values import deserialize, serialize

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PREFIX = "~log#"
KEPT_FOR = timedelta(days=90)
"""As the records of settled deployments."""
MAX_KEPT_BYTES = 32 * 1024
"""Compressed; every write of a kilobyte is paid for."""
MAX_UNPACKED_BYTES = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLog:
    """The end of a log, as it was when its deployment failed; without secrets."""

    text: str
    kept_at: datetime


class KeptLogs(Protocol):
    """Logs by deployment, kept for `KEPT_FOR`."""

    def keep(self, model_id: str, deployment_id: str, text: str) -> None:
        """Keep the end of *text*, at most `MAX_KEPT_BYTES` compressed, in place of an earlier one.

        Raises: StoreBusyError.
        """
        ...

    def get(self, model_id: str, deployment_id: str) -> KeptLog | None:
        """Return the log; None where none is kept."""
        ...


class DynamoKeptLogs:
    """See `KeptLogs`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._table = table_name
        self._writer = DynamoWriter(client, table_name)
        self._now = now

    def keep(self, model_id: str, deployment_id: str, text: str) -> None:
        now = self._now()
        values = {
            ":text": serialize(packed_end(text)),
            ":at": serialize(utc_text(now)),
            ":expiration": serialize(int((now + KEPT_FOR).timestamp())),
        }
        # An update, which the tasks may do, makes the item.
        self._writer.update(
            {
                "Key": key(model_id, f"{PREFIX}{deployment_id}"),
                "UpdateExpression": "SET log_end = :text, kept_at = :at, expiration = :expiration",
                "ExpressionAttributeValues": values,
            }
        )

    def get(self, model_id: str, deployment_id: str) -> KeptLog | None:
        item = self._client.get_item(
            TableName=self._table, Key=key(model_id, f"{PREFIX}{deployment_id}")
        ).get("Item")
        if item is None:
            return None
        values = {name: deserialize(value) for name, value in item.items()}
        unpacked = lzma.LZMADecompressor().decompress(values["log_end"], MAX_UNPACKED_BYTES)
        return KeptLog(
            text=unpacked.decode(errors="replace"),
            kept_at=datetime.fromisoformat(values["kept_at"]),
        )


def packed_end(text: str) -> bytes:
    """Return as much of the end of *text* as fits, compressed with LZMA."""
    content = text.encode()[-MAX_UNPACKED_BYTES:]
    while len(packed := lzma.compress(content, preset=1)) > MAX_KEPT_BYTES:
        content = content[len(content) // 4 :]
    return packed

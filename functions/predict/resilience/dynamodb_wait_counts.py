"""`WaitCounts` in the DynamoDB table that all execution environments share."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.predict.resilience.wait_limit import WaitCountsUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoWaitCounts:
    """`WaitCounts` whose *client* tries once and gives up within a second."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def add(self, id_: str, *, limit: int, keep_s: float) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"id": {"S": id_}},
                UpdateExpression="ADD waiting :one SET expiration = :expiration",
                ConditionExpression="(attribute_not_exists(id) AND :limit > :none)"
                " OR waiting < :limit",
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":none": {"N": "0"},
                    ":limit": {"N": str(limit)},
                    ":expiration": {"N": str(int(self._now() + keep_s))},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except (BotoCoreError, ClientError) as error:
            raise WaitCountsUnavailableError(type(error).__name__) from error
        return True

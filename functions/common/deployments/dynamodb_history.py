"""`DeploymentHistory` in the DynamoDB table `deployed_models` (see `dynamodb`, `history_index`)."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from functions.common.deployments import history_index
from functions.common.deployments.history import DeploymentPage
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import deployment_of
from functions.common.deployments.record import Deployment
from functions.common.errors import UnreadableRecordError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoDeploymentHistory:
    """See `DeploymentHistory`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def page(self, model_id: str, *, limit: int, after: str | None = None) -> DeploymentPage:
        following = f" AND {history_index.KEY} < :after" if after else ""
        given: Item = {":after": {"S": after}} if after else {}
        answer = self._client.query(
            TableName=self._table,
            IndexName=history_index.NAME,
            KeyConditionExpression=f"model_id = :model_id{following}",
            ExpressionAttributeValues={":model_id": {"S": model_id}, **given},
            ScanIndexForward=False,
            ConsistentRead=True,
            # The one more says whether there is a next page; DynamoDB's own key does not.
            Limit=limit + 1,
        )
        found = answer["Items"]
        items = found[:limit]
        # An answer ends at 1 MB, too.
        is_last = len(found) <= limit and "LastEvaluatedKey" not in answer
        return DeploymentPage(
            deployments=tuple(_readable(items)),
            next_after=None if is_last else items[-1][history_index.KEY]["S"],
        )


def _readable(items: Iterable[Item]) -> Iterator[Deployment]:
    """Yield the deployments; those that cannot be read are reported."""
    for item in items:
        with suppress(UnreadableRecordError):
            yield deployment_of(item)

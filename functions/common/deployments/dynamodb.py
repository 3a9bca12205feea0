"""`DeploymentStore` in the DynamoDB table `deployed_models`.

Partition key `model_id`, sort key `id`: one item per deployment under its UUID, and one item
`live` per model, a whole copy of the serving deployment with its id in `deployment_id`, so that
a prediction costs one GetItem.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentChangedError, SupersededError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LIVE = "live"
_JSON_FIELDS = ("input_schema", "output_schema", "params_schema", "input_example")
"""Kept as JSON text: free-form documents, whose numbers DynamoDB's own types would change."""
_ACTIVATION_ATTEMPTS = 3

type _Item = dict[str, Any]

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class DynamoDeploymentStore:
    """See `DeploymentStore`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def add(self, deployment: Deployment) -> bool:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_to_item(deployment),
                ConditionExpression="attribute_not_exists(id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        answer = self._client.get_item(
            TableName=self._table, Key=_key(model_id, deployment_id), ConsistentRead=True
        )
        return _from_item(answer["Item"]) if "Item" in answer else None

    def live(self, model_id: str) -> Deployment | None:
        return self.get(model_id, LIVE)

    def of_model(self, model_id: str) -> list[Deployment]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="model_id = :model_id",
            ExpressionAttributeValues={":model_id": {"S": model_id}},
            ConsistentRead=True,
        )
        found = [
            _from_item(item) for page in pages for item in page["Items"] if item["id"]["S"] != LIVE
        ]
        return sorted(found, key=lambda deployment: deployment.requested_at, reverse=True)

    def update(self, deployment: Deployment, **changes: Any) -> Deployment:
        changed = deployment.model_copy(update={**changes, "updated_at": self._now()})
        try:
            self._client.update_item(
                **self._update(changed, {*changes, "updated_at"}, expected=deployment.status)
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise DeploymentChangedError(str(deployment)) from error
        return changed

    def activate(self, deployment: Deployment) -> Deployment:
        for _ in range(_ACTIVATION_ATTEMPTS):
            serving = self.live(deployment.model_id)
            if serving and serving.id == deployment.id:
                return serving
            if serving and serving.requested_at >= deployment.requested_at:
                raise SupersededError(str(serving))
            if activated := self._replace(serving, deployment):
                return activated
        raise DeploymentChangedError(str(deployment))

    def _replace(self, serving: Deployment | None, deployment: Deployment) -> Deployment | None:
        """One try; None when somebody else wrote in between."""
        activated = deployment.model_copy(
            update={
                "status": Status.DEPLOYED,
                "replaced_id": serving.id if serving else None,
                "updated_at": self._now(),
            }
        )
        changed = {"status", "replaced_id", "updated_at"}
        writes: list[Any] = [
            {"Put": self._live_item(activated, replacing=serving)},
            {"Update": self._update(activated, changed, expected=deployment.status)},
        ]
        if serving:
            stopped = serving.model_copy(
                update={
                    "status": Status.STOPPED,
                    "reason": f"Replaced by version {deployment.model_version}.",
                    "updated_at": self._now(),
                }
            )
            changed = {"status", "reason", "updated_at"}
            writes.append({"Update": self._update(stopped, changed, expected=Status.DEPLOYED)})
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException:
            return None
        return activated

    def _live_item(self, deployment: Deployment, *, replacing: Deployment | None) -> _Item:
        item = _to_item(deployment) | {"id": {"S": LIVE}, "deployment_id": {"S": deployment.id}}
        if replacing is None:
            return {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(id)",
            }
        return {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "deployment_id = :replaced",
            "ExpressionAttributeValues": {":replaced": {"S": replacing.id}},
        }

    def _update(self, deployment: Deployment, names: set[str], *, expected: Status) -> _Item:
        """The arguments that write the attributes *names* of *deployment*; None removes one."""
        item = _to_item(deployment)
        present = sorted(names & item.keys())
        absent = sorted(names - item.keys())
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in present)
        if absent:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in absent)
        return {
            "TableName": self._table,
            "Key": _key(deployment.model_id, deployment.id),
            "UpdateExpression": expression,
            "ConditionExpression": "#status = :expected",
            "ExpressionAttributeNames": {f"#{name}": name for name in {*names, "status"}},
            "ExpressionAttributeValues": {
                **{f":{name}": item[name] for name in present},
                ":expected": {"S": expected.value},
            },
        }


def _key(model_id: str, sort_key: str) -> _Item:
    return {"model_id": {"S": model_id}, "id": {"S": sort_key}}


def _to_item(deployment: Deployment) -> _Item:
    values = deployment.model_dump(mode="json", exclude_none=True)
    for name in values.keys() & set(_JSON_FIELDS):
        values[name] = json.dumps(values[name], separators=(",", ":"), ensure_ascii=False)
    if "hourly_cost_usd" in values:
        values["hourly_cost_usd"] = str(values["hourly_cost_usd"])
    return {name: _serialize(value) for name, value in values.items()}


def _from_item(item: _Item) -> Deployment:
    values = {name: _deserialize(value) for name, value in item.items()}
    for name in values.keys() & set(_JSON_FIELDS):
        values[name] = json.loads(values[name])
    if values["id"] == LIVE:
        values["id"] = values.pop("deployment_id")
    return Deployment.model_validate(values)

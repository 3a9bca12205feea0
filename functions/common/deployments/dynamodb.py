"""`DeploymentStore` in the DynamoDB table `deployed_models`.

Partition key `model_id`, sort key `id`: one item per deployment under its UUID, one item `live`
per model, a whole copy of the serving deployment with its id in `deployment_id`, so that a
prediction costs one GetItem, and one item `desired` per model (see `desired`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.items import (
    DESIRED,
    LIVE,
    Item,
    deployment_item,
    deployment_of,
    desired_item,
    desired_of,
    key,
    live_item,
)
from functions.common.deployments.record import (
    ENDPOINT_FIELDS,
    Deployment,
    Status,
    newest_first,
)
from functions.common.deployments.store import (
    DeploymentChangedError,
    ModelState,
    SupersededError,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_ACTIVATION_ATTEMPTS = 3


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
                Item=deployment_item(deployment),
                ConditionExpression="attribute_not_exists(id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        item = self._item(model_id, deployment_id)
        return deployment_of(item) if item else None

    def live(self, model_id: str) -> Deployment | None:
        return self.get(model_id, LIVE)

    def desired(self, model_id: str) -> DesiredDeployment | None:
        item = self._item(model_id, DESIRED)
        return desired_of(item) if item else None

    def set_desired(
        self, desired: DesiredDeployment, *, expected: DesiredDeployment | None
    ) -> bool:
        try:
            self._client.put_item(
                TableName=self._table, Item=desired_item(desired), **_still(expected)
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def list_for_model(self, model_id: str) -> list[Deployment]:
        return list(self.state(model_id).deployments)

    def state(self, model_id: str) -> ModelState:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="model_id = :model_id",
            ExpressionAttributeValues={":model_id": {"S": model_id}},
            ConsistentRead=True,
        )
        return _state(model_id, [item for page in pages for item in page["Items"]])

    def states(self) -> Iterator[ModelState]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table, ConsistentRead=True
        )
        list_for_model: dict[str, list[Item]] = defaultdict(list)
        for page in pages:
            for item in page["Items"]:
                list_for_model[item["model_id"]["S"]].append(item)
        for model_id, items in list_for_model.items():
            yield _state(model_id, items)

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
            desired = self.desired(deployment.model_id)
            if desired is None or desired.deployment_id != deployment.id:
                raise SupersededError(str(desired))
            if activated := self._replace(serving, deployment):
                return activated
        raise DeploymentChangedError(str(deployment))

    def undeploy(self, deployment: Deployment, *, reason: str) -> Deployment:
        stopped, update = self._stopping(deployment, reason)
        taken = {
            "Delete": {
                "TableName": self._table,
                "Key": key(deployment.model_id, LIVE),
                "ConditionExpression": "deployment_id = :id",
                "ExpressionAttributeValues": {":id": {"S": deployment.id}},
            }
        }
        unwished = self._check(
            key(deployment.model_id, DESIRED),
            "attribute_not_exists(deployment_id) OR deployment_id <> :id",
            deployment.id,
        )
        if not self._transact([taken, update, unwished]):
            raise DeploymentChangedError(str(deployment))
        return stopped

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        now = self._now()
        given = {name: getattr(earlier, name) for name in ENDPOINT_FIELDS}
        received = to.model_copy(
            update={**given, "adopted_from": earlier.endpoint_deployment_id, "updated_at": now}
        )
        left = earlier.model_copy(update={"handed_to": to.id, "updated_at": now})
        giving = self._update(left, {"handed_to", "updated_at"}, expected=Status.STOPPED)
        giving["ConditionExpression"] += (
            " AND attribute_not_exists(handed_to) AND NOT removing = :true"
        )
        giving["ExpressionAttributeValues"][":true"] = {"BOOL": True}
        taking = self._update(received, {*given, "adopted_from", "updated_at"}, expected=to.status)
        done = self._transact([{"Update": giving}, {"Update": taking}])
        return received if done else None

    def begin_removal(self, deployment: Deployment) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key(deployment.model_id, deployment.id),
                UpdateExpression="SET removing = :true",
                ConditionExpression="attribute_exists(id) AND attribute_not_exists(handed_to)",
                ExpressionAttributeValues={":true": {"BOOL": True}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _item(self, model_id: str, sort_key: str) -> Item | None:
        answer = self._client.get_item(
            TableName=self._table, Key=key(model_id, sort_key), ConsistentRead=True
        )
        return answer.get("Item")

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
            {"Put": self._live_write(activated, replacing=serving)},
            {"Update": self._update(activated, changed, expected=deployment.status)},
            self._check(key(deployment.model_id, DESIRED), "deployment_id = :id", deployment.id),
        ]
        if serving:
            reason = f"Replaced by version {deployment.model_version}."
            writes.append(self._stopping(serving, reason)[1])
        return activated if self._transact(writes) else None

    def _stopping(self, serving: Deployment, reason: str) -> tuple[Deployment, Item]:
        stopped = serving.model_copy(
            update={"status": Status.STOPPED, "reason": reason, "updated_at": self._now()}
        )
        changed = {"status", "reason", "updated_at"}
        return stopped, {"Update": self._update(stopped, changed, expected=Status.DEPLOYED)}

    def _transact(self, writes: Sequence[Any]) -> bool:
        """All of *writes*, or none and False."""
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException:
            return False
        return True

    def _check(self, of: Item, condition: str, deployment_id: str) -> Item:
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": of,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": {":id": {"S": deployment_id}},
            }
        }

    def _live_write(self, deployment: Deployment, *, replacing: Deployment | None) -> Item:
        put: Item = {"TableName": self._table, "Item": live_item(deployment)}
        if replacing is None:
            return put | {"ConditionExpression": "attribute_not_exists(id)"}
        return put | {
            "ConditionExpression": "deployment_id = :replaced",
            "ExpressionAttributeValues": {":replaced": {"S": replacing.id}},
        }

    def _update(self, deployment: Deployment, names: set[str], *, expected: Status) -> Item:
        """The arguments that write the attributes *names* of *deployment*; None removes one."""
        item = deployment_item(deployment)
        present = sorted(names & item.keys())
        absent = sorted(names - item.keys())
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in present)
        if absent:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in absent)
        return {
            "TableName": self._table,
            "Key": key(deployment.model_id, deployment.id),
            "UpdateExpression": expression,
            "ConditionExpression": "#status = :expected",
            "ExpressionAttributeNames": {f"#{name}": name for name in {*names, "status"}},
            "ExpressionAttributeValues": {
                **{f":{name}": item[name] for name in present},
                ":expected": {"S": expected.value},
            },
        }


def _still(desired: DesiredDeployment | None) -> Any:
    """The condition that *desired* is what stands there."""
    if desired is None:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    item = desired_item(desired)
    values = {":requested_at": item["requested_at"]}
    if "deployment_id" not in item:
        return {
            "ConditionExpression": (
                "requested_at = :requested_at AND attribute_not_exists(deployment_id)"
            ),
            "ExpressionAttributeValues": values,
        }
    return {
        "ConditionExpression": ("requested_at = :requested_at AND deployment_id = :deployment_id"),
        "ExpressionAttributeValues": {**values, ":deployment_id": item["deployment_id"]},
    }


def _state(model_id: str, items: Sequence[Item]) -> ModelState:
    special = {item["id"]["S"]: item for item in items if item["id"]["S"] in {LIVE, DESIRED}}
    deployments = [deployment_of(item) for item in items if item["id"]["S"] not in special]
    return ModelState(
        model_id=model_id,
        deployments=newest_first(deployments),
        live_id=special[LIVE]["deployment_id"]["S"] if LIVE in special else None,
        desired=desired_of(special[DESIRED]) if DESIRED in special else None,
    )

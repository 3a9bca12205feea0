"""Conditional writes to the table `deployed_models`, as arguments of DynamoDB's operations. Pure.

Each is without `TableName`; in a transaction it stands under the name of its kind.
"""

from datetime import datetime
from typing import Any

from functions.common.deployments import unsettled_index
from functions.common.deployments.agreement import ComparedCandidate
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import (
    ATTRIBUTES,
    DESIRED,
    LIVE,
    deployment_item,
    desired_item,
    key,
    live_item,
)
from functions.common.deployments.record import Deployment, Status, utc_text
from functions.common.dynamodb_values import serialize


def put_new(deployment: Deployment) -> Item:
    """Put *deployment* unless its id is there."""
    return {
        "Item": deployment_item(deployment),
        "ConditionExpression": "attribute_not_exists(id)",
    }


def put_live(deployment: Deployment, *, replacing: Deployment | None) -> Item:
    """Put the item `live` where *replacing* is still the live one."""
    put: Item = {"Item": live_item(deployment)}
    if replacing is None:
        return put | {"ConditionExpression": "attribute_not_exists(id)"}
    return put | _of_deployment("deployment_id = :id", replacing)


def delete_live(deployment: Deployment) -> Item:
    """Delete the item `live` of *deployment*."""
    return {
        "Key": key(deployment.model_id, LIVE),
        **_of_deployment("deployment_id = :id", deployment),
    }


def name_candidate(live: Deployment, candidate: ComparedCandidate) -> Item:
    """Write *candidate* to the item `live`, while *live* serves."""
    names = ATTRIBUTES["candidate"]
    values = {
        attribute: serialize(value)
        for field, attribute in names.items()
        if (value := getattr(candidate, field)) is not None
    }
    gone = sorted(set(names.values()) - values.keys())
    parts = []
    if values:
        parts.append("SET " + ", ".join(f"{name} = :{name}" for name in sorted(values)))
    if gone:
        parts.append("REMOVE " + ", ".join(gone))
    write = _of_deployment("deployment_id = :id", live)
    write["ExpressionAttributeValues"] |= {f":{name}": value for name, value in values.items()}
    return {"Key": key(live.model_id, LIVE), "UpdateExpression": " ".join(parts), **write}


def check_desired(deployment: Deployment) -> Item:
    """Check that *deployment* is the desired one."""
    return {
        "Key": key(deployment.model_id, DESIRED),
        **_of_deployment("deployment_id = :id", deployment),
    }


def check_undesired(deployment: Deployment) -> Item:
    """Check that *deployment* is not the desired one."""
    condition = "attribute_not_exists(deployment_id) OR deployment_id <> :id"
    return {
        "Key": key(deployment.model_id, DESIRED),
        **_of_deployment(condition, deployment),
    }


def put_desired(desired: DesiredDeployment, *, expected: DesiredDeployment | None) -> Item:
    """Put *desired* where *expected* still stands; None: where none does."""
    put: Item = {"Item": desired_item(desired)}
    if expected is None:
        return put | {"ConditionExpression": "attribute_not_exists(id)"}
    return put | _while_desired(expected)


def delete_desired(expected: DesiredDeployment) -> Item:
    """Delete *expected*, where it still stands."""
    return {"Key": key(expected.model_id, DESIRED), **_while_desired(expected)}


def _while_desired(expected: DesiredDeployment) -> Item:
    item = desired_item(expected)
    condition, values = "requested_at = :requested_at", {":requested_at": item["requested_at"]}
    if "deployment_id" in item:
        condition += " AND deployment_id = :id"
        values[":id"] = item["deployment_id"]
    else:
        condition += " AND attribute_not_exists(deployment_id)"
    return {"ConditionExpression": condition, "ExpressionAttributeValues": values}


def update(deployment: Deployment, changed: Deployment, *, expected: Status | None = None) -> Item:
    """Write what differs in *changed*, while the status is *expected*; None: that of *deployment*.

    A field that is None has no attribute. The index's key is written always: records that are
    older than the index have none.
    """
    before, after = deployment_item(deployment), deployment_item(changed)
    differing = {
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    }
    differing |= {unsettled_index.KEY} & after.keys()
    written, gone = sorted(differing & after.keys()), sorted(differing - after.keys())
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in written)
    if gone:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in gone)
    return {
        "Key": key(deployment.model_id, deployment.id),
        "UpdateExpression": expression,
        "ConditionExpression": "#status = :expected",
        "ExpressionAttributeNames": {f"#{name}": name for name in {*differing, "status"}},
        "ExpressionAttributeValues": {
            **{f":{name}": after[name] for name in written},
            ":expected": {"S": expected or deployment.status},
        },
    }


def stop(serving: Deployment, stopped: Deployment) -> Item:
    """Write that *serving* is *stopped*, while it serves."""
    return update(serving, stopped, expected=Status.DEPLOYED)


def hand_endpoint(earlier: Deployment, changed: Deployment) -> Item:
    """Mark the endpoint of *earlier*, which does not serve, as handed on; it must not be handed on
    already, nor be deleted."""
    return _with_endpoint(earlier, changed)


def serve_again(earlier: Deployment, changed: Deployment) -> Item:
    """Write that *earlier*, which does not serve, does so again; its endpoint must still be its own
    and not be deleted."""
    return _with_endpoint(earlier, changed)


def _with_endpoint(stopped: Deployment, changed: Deployment) -> Item:
    write = update(stopped, changed, expected=Status.STOPPED)
    write["ConditionExpression"] += " AND attribute_not_exists(handed_to) AND NOT removing = :true"
    write["ExpressionAttributeValues"][":true"] = {"BOOL": True}
    return write


def begin_removal(deployment: Deployment, *, at: datetime, again: bool) -> Item:
    """Mark the endpoint as being deleted since *at*, unless it was handed to another deployment, or
    its own one serves; *again* replaces the time of an earlier mark."""
    time = ":at" if again else "if_not_exists(removing_at, :at)"
    return {
        "Key": key(deployment.model_id, deployment.id),
        "UpdateExpression": f"SET removing = :true, removing_at = {time}",
        "ConditionExpression": "attribute_exists(id) AND attribute_not_exists(handed_to)"
        " AND #status <> :deployed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":true": {"BOOL": True},
            ":at": {"S": utc_text(at)},
            ":deployed": {"S": Status.DEPLOYED},
        },
    }


def _of_deployment(condition: str, deployment: Deployment) -> dict[str, Any]:
    return {
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {":id": {"S": deployment.id}},
    }

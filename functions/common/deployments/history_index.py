"""The index of the table `deployed_models` that lists the deployments of one model, newest first.

It is a local one (the partition key is the table's), so it is read consistently, and is made with
the table: DynamoDB neither adds nor changes it later. Its sort key is in the deployments' own items
alone, not in `live` and `target`. It holds what `GET /models/{model_id}` shows of a deployment.
"""

import re

from functions.common.deployments.item_size import Item, item_size
from functions.common.deployments.record import Deployment, utc_text

NAME = "history"
KEY = "history_position"
"""`position` is a word that DynamoDB reserves in expressions."""
ATTRIBUTES = (
    "attempt",
    "created_at",
    "model_version",
    "origin",
    "reason",
    "requested_at",
    "retryable",
    "status",
    "timeline",
    "updated_at",
)
"""Beside the keys."""
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
_POSITION = re.compile(rf"{_TIME} {_TIME} \d{{6,10}} [0-9a-f-]{{36}}", re.ASCII)


def position_of(deployment: Deployment) -> str:
    """Return the sort key: in text order the order of `newest_first`, reversed; unique."""
    requested_at, created_at = utc_text(deployment.requested_at), utc_text(deployment.created_at)
    return f"{requested_at} {created_at} {deployment.attempt:06} {deployment.id}"


def size_with_entry(item: Item) -> int:
    """Return the bytes of *item* and its entry in the index, which together have one item's limit.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    if KEY not in item:
        return item_size(item)
    projected = {"model_id", "id", KEY, *ATTRIBUTES}
    entry = {name: value for name, value in item.items() if name in projected}
    return item_size(item) + item_size(entry)


def is_position(text: str) -> bool:
    """Return whether *text* has the form of a sort key."""
    return bool(_POSITION.fullmatch(text))

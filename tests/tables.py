"""Definitions of the service's tables, as far as the code depends on them."""

from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DEPLOYMENTS = "deployed_models"
STATE = "serving_state"
_KEYS = {DEPLOYMENTS: ("model_id", "id"), STATE: ("id",)}


def create_table(name: str, client: "DynamoDBClient | None" = None) -> "DynamoDBClient":
    """Create the table *name*, one of the two above; return the client."""
    client = client or boto3.client("dynamodb")
    keys: Any = [
        {"AttributeName": key, "KeyType": type_}
        for key, type_ in zip(_KEYS[name], ("HASH", "RANGE"), strict=False)
    ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in _KEYS[name]],
    )
    return client

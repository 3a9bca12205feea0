"""Definitions of the service's tables, as far as the code depends on them."""

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import boto3

from functions.common.deployments import history_index, model_index, unsettled_index

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DEPLOYMENTS = "deployed_models"
STATE = "serving_state"
_KEYS = {DEPLOYMENTS: ("model_id", "id"), STATE: ("id",)}
_INDEXES = {
    model_index.NAME: (("id", "model_id"), model_index.ATTRIBUTES),
    unsettled_index.NAME: ((unsettled_index.KEY, "model_id"), unsettled_index.ATTRIBUTES),
}
_LOCAL_INDEXES = {
    history_index.NAME: (("model_id", history_index.KEY), history_index.ATTRIBUTES),
}


def create_table(
    name: str, client: "DynamoDBClient | None" = None, *, called: str = ""
) -> "DynamoDBClient":
    """Create the table *name*, one of the two above, perhaps *called* otherwise; return the
    client."""
    client = client or boto3.client("dynamodb")
    has_indexes = name == DEPLOYMENTS
    index_keys = (keys for keys, _ in chain(_INDEXES.values(), _LOCAL_INDEXES.values()))
    attributes = {*_KEYS[name], *(chain.from_iterable(index_keys) if has_indexes else ())}
    client.create_table(
        TableName=called or name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema(_KEYS[name]),
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)
        ],
        **(_ALL_INDEXES if has_indexes else {}),
    )
    return client


def _key_schema(keys: tuple[str, ...]) -> Any:
    return [
        {"AttributeName": key, "KeyType": type_}
        for key, type_ in zip(keys, ("HASH", "RANGE"), strict=False)
    ]


def _indexes(indexes: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> Any:
    return [
        {
            "IndexName": name,
            "KeySchema": _key_schema(keys),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(attributes)},
        }
        for name, (keys, attributes) in indexes.items()
    ]


_ALL_INDEXES: Any = {
    "GlobalSecondaryIndexes": _indexes(_INDEXES),
    "LocalSecondaryIndexes": _indexes(_LOCAL_INDEXES),
}

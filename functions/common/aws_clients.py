"""AWS for the functions behind the API, with time-outs that end before theirs do.

botocore's own are minutes: a service that hangs would have API Gateway answer for us.
"""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_lambda.client import LambdaClient

_NEEDED = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3})
_HELPFUL = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})


def deployments_table() -> "DynamoDBClient":
    """For what no call can go on without; fails after some seconds."""
    return boto3.client("dynamodb", config=_NEEDED)


def shared_state() -> "DynamoDBClient":
    """For the table that environments share; calls go on without it, so it fails after one."""
    return boto3.client("dynamodb", config=_HELPFUL)


def functions() -> "LambdaClient":
    """For telling the reconciler, which looks by itself, too; fails after a second."""
    return boto3.client("lambda", config=_HELPFUL)

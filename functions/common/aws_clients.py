"""AWS clients of all functions, with time-outs that end before the functions' own.

botocore's defaults are 60 s to connect and 60 s to read, five times over: a function whose client
hangs would be ended by Lambda, without a log line or an answer.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config

from functions.common.aws_session import make_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_stepfunctions.client import SFNClient

_REQUIRED = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3})
"""Somebody waits: for the table, the workflow, a secret."""
_PATIENT = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4})
"""Nobody waits for a task, which Step Functions repeats when it fails."""
_OPTIONAL = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
_BRIEF = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2})
"""It is tried again later, and other models wait meanwhile."""
_DOWNLOADING = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 3})
_WAITING = Config(connect_timeout=2, read_timeout=25, retries={"total_max_attempts": 1})
"""API Gateway times out after 29 s, and a retry would start a second reconciliation."""

_READING_LOGS = Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 8})
"""A page of a large log takes seconds; an account has some calls a second, which all share."""


def deployments_table() -> "DynamoDBClient":
    """Return a client for what no call can do without; it fails after some seconds."""
    return cast("DynamoDBClient", make_client("dynamodb", _REQUIRED))


def deployments_table_of_tasks() -> "DynamoDBClient":
    """Return a client for the workflow's tasks and the reconciler; it fails after half a minute."""
    return cast("DynamoDBClient", make_client("dynamodb", _PATIENT))


def shared_state() -> "DynamoDBClient":
    """Return a client for the shared state; calls go on without it, so it fails after a second."""
    return cast("DynamoDBClient", make_client("dynamodb", _OPTIONAL))


def secrets_manager() -> "SecretsManagerClient":
    """Return a client that reads secrets; it fails after some seconds."""
    return cast("SecretsManagerClient", make_client("secretsmanager", _REQUIRED))


def workflow() -> "SFNClient":
    """Return a client that starts executions; it fails after some seconds."""
    return cast("SFNClient", make_client("stepfunctions", _REQUIRED))


def workflow_of_reconciler() -> "SFNClient":
    """Return a client that starts and describes executions; it fails after half a minute."""
    return cast("SFNClient", make_client("stepfunctions", _PATIENT))


def functions() -> "LambdaClient":
    """Return a client that notifies the reconcile function; it fails after a second."""
    return cast("LambdaClient", make_client("lambda", _OPTIONAL))


def functions_awaited() -> "LambdaClient":
    """Return a client that waits for the reconcile function's report, 25 s at most, once."""
    return cast("LambdaClient", make_client("lambda", _WAITING))


def events() -> Any:
    """Return a client that publishes events; it fails after some seconds."""
    return make_client("events", _BRIEF)


def logs() -> "CloudWatchLogsClient":
    """Return a client that reads whole logs, page by page; a page fails after four minutes."""
    return cast("CloudWatchLogsClient", make_client("logs", _READING_LOGS))


def artifacts() -> Any:
    """Return a client that downloads a model's files; it fails after a minute."""
    return make_client("s3", _DOWNLOADING)

"""IAM's actions and resources of a call.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.emulator import ACCOUNT, REGION
from tests.rights.recording import Call

type Params = Mapping[str, Any]
type Right = tuple[str, str]
"""Action and ARN of the resource."""

_OF_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


class UnknownCallError(LookupError):
    """A call that this module has no actions for: add them."""


def rights_of(call: Call) -> set[Right]:
    """Return what the caller needs for *call*. Raises: UnknownCallError."""
    try:
        expand = _EXPANSIONS[call.service, call.operation]
    except KeyError:
        raise UnknownCallError(f"{call.caller}: {call.service} {call.operation}") from None
    return set(expand(call.operation, call.params))


def _item(operation: str, params: Params) -> Iterator[Right]:
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    yield f"dynamodb:{operation}", _table(params["TableName"]) + index


def _batch(operation: str, params: Params) -> Iterator[Right]:
    for table in params["RequestItems"]:
        yield f"dynamodb:{operation}", _table(table)


def _transaction(_operation: str, params: Params) -> Iterator[Right]:
    """A transaction is no action of its own; its parts are."""
    for item in params["TransactItems"]:
        for kind, part in item.items():
            yield f"dynamodb:{_OF_TRANSACTION[kind]}", _table(part["TableName"])


def _secret(operation: str, params: Params) -> Iterator[Right]:
    yield f"secretsmanager:{operation}", params["SecretId"]


def _machine(operation: str, params: Params) -> Iterator[Right]:
    yield f"states:{operation}", params["stateMachineArn"]


def _execution(operation: str, params: Params) -> Iterator[Right]:
    yield f"states:{operation}", params["executionArn"]


def _invocation(_operation: str, params: Params) -> Iterator[Right]:
    name = params["FunctionName"]
    arn = name if name.startswith("arn:") else _here("lambda", f"function:{name}")
    qualifier = f":{params['Qualifier']}" if "Qualifier" in params else ""
    yield "lambda:InvokeFunction", arn + qualifier


def _events(_operation: str, params: Params) -> Iterator[Right]:
    for entry in params["Entries"]:
        yield "events:PutEvents", _here("events", f"event-bus/{entry['EventBusName']}")


def _bucket(_operation: str, params: Params) -> Iterator[Right]:
    yield "s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}"


def _object(_operation: str, params: Params) -> Iterator[Right]:
    yield "s3:GetObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"


def _log(operation: str, params: Params) -> Iterator[Right]:
    """AWS's reference has the first, which MiniStack asks about; AWS asks about the second.
    Source: https://github.com/prowler-cloud/prowler/pull/37 (the ARN in a refusal)"""
    arn = _here("logs", f"log-group:{params['logGroupName']}")
    yield from ((f"logs:{operation}", resource) for resource in (arn, f"{arn}:log-stream:"))


def _table(name: str) -> str:
    return _here("dynamodb", f"table/{name}")


def _here(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


_EXPANSIONS: Mapping[tuple[str, str], Callable[[str, Params], Iterator[Right]]] = {
    **{
        ("dynamodb", operation): _item
        for operation in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")
    },
    ("dynamodb", "BatchGetItem"): _batch,
    ("dynamodb", "TransactWriteItems"): _transaction,
    ("events", "PutEvents"): _events,
    ("lambda", "Invoke"): _invocation,
    ("stepfunctions", "StartExecution"): _machine,
    ("stepfunctions", "ListExecutions"): _machine,
    ("stepfunctions", "DescribeExecution"): _execution,
    ("stepfunctions", "StopExecution"): _execution,
    ("secretsmanager", "GetSecretValue"): _secret,
    ("logs", "FilterLogEvents"): _log,
    ("s3", "ListObjects"): _bucket,
    ("s3", "ListObjectsV2"): _bucket,
    ("s3", "HeadBucket"): _bucket,
    ("s3", "HeadObject"): _object,
    ("s3", "GetObject"): _object,
}

"""Calls need the actions that AWS's service authorization reference names."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest

from tests.rights.actions import _EXPANSIONS, UnknownCallError, rights_of
from tests.rights.recording import Call

HERE = "us-east-1:000000000000"
TABLE = f"arn:aws:dynamodb:{HERE}:table/t"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:m"
EXECUTION = f"arn:aws:states:{HERE}:execution:m:e"
FUNCTION = f"arn:aws:lambda:{HERE}:function:f"
SECRET = f"arn:aws:secretsmanager:{HERE}:secret:s-AbCdEf"

LOG = f"arn:aws:logs:{HERE}:log-group:g"


@pytest.mark.parametrize(
    ("service", "operation", "params", "rights"),
    [
        ("dynamodb", "GetItem", {"TableName": "t"}, {("dynamodb:GetItem", TABLE)}),
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "i"},
            {("dynamodb:Query", f"{TABLE}/index/i")},
        ),
        (
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {"t": {}, "u": {}}},
            {("dynamodb:BatchGetItem", TABLE), ("dynamodb:BatchGetItem", TABLE[:-1] + "u")},
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{kind: {"TableName": "t"}} for kind in ("ConditionCheck", "Put")]},
            {("dynamodb:ConditionCheckItem", TABLE), ("dynamodb:PutItem", TABLE)},
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{kind: {"TableName": "t"}} for kind in ("Update", "Delete")]},
            {("dynamodb:UpdateItem", TABLE), ("dynamodb:DeleteItem", TABLE)},
        ),
        ("lambda", "Invoke", {"FunctionName": "f"}, {("lambda:InvokeFunction", FUNCTION)}),
        ("lambda", "Invoke", {"FunctionName": FUNCTION}, {("lambda:InvokeFunction", FUNCTION)}),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f:live"},
            {("lambda:InvokeFunction", f"{FUNCTION}:live")},
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f", "Qualifier": "live"},
            {("lambda:InvokeFunction", f"{FUNCTION}:live")},
        ),
        (
            "stepfunctions",
            "StartExecution",
            {"stateMachineArn": MACHINE, "name": "e"},
            {("states:StartExecution", MACHINE)},
        ),
        (
            "stepfunctions",
            "DescribeExecution",
            {"executionArn": EXECUTION},
            {("states:DescribeExecution", EXECUTION)},
        ),
        (
            "stepfunctions",
            "ListExecutions",
            {"stateMachineArn": MACHINE},
            {("states:ListExecutions", MACHINE)},
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": SECRET},
            {("secretsmanager:GetSecretValue", SECRET)},
        ),
        (
            "logs",
            "FilterLogEvents",
            {"logGroupName": "g"},
            {("logs:FilterLogEvents", LOG), ("logs:FilterLogEvents", f"{LOG}:log-stream:")},
        ),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, {("s3:ListBucket", "arn:aws:s3:::b")}),
        (
            "s3",
            "HeadObject",
            {"Bucket": "b", "Key": "k/l"},
            {("s3:GetObject", "arn:aws:s3:::b/k/l")},
        ),
        ("s3", "GetObject", {"Bucket": "b", "Key": "k"}, {("s3:GetObject", "arn:aws:s3:::b/k")}),
    ],
)
def test_a_call_needs(
    service: str, operation: str, params: Mapping[str, Any], rights: set[tuple[str, str]]
):
    assert rights == rights_of(Call("Predict", service, operation, params))


def test_an_unknown_call_is_an_error():
    """Or it would be taken for one that needs nothing."""
    with pytest.raises(UnknownCallError, match="Predict: dynamodb CreateTable"):
        rights_of(Call("Predict", "dynamodb", "CreateTable", {"TableName": "t"}))


def test_every_action_is_one_of_awss_for_such_a_resource():
    """cfn-lint has AWS's own list."""
    known = json.loads((files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_text())
    example = {
        "TableName": "t",
        "RequestItems": {"t": {}},
        "TransactItems": [
            {kind: {"TableName": "t"}} for kind in ("ConditionCheck", "Put", "Update", "Delete")
        ],
        "FunctionName": "f",
        "stateMachineArn": MACHINE,
        "executionArn": EXECUTION,
        "SecretId": SECRET,
        "Bucket": "b",
        "Key": "k",
        "Entries": [{"EventBusName": "models"}],
        "logGroupName": "g",
    }
    for service, operation in _EXPANSIONS:
        for action, arn in rights_of(Call("Predict", service, operation, example)):
            prefix, _, name = action.partition(":")
            assert any(
                re.fullmatch(re.sub(r"\$\{\w+\}", "[^:]*", form), arn)
                for kind in known[prefix]["Actions"][name.lower()]["Resources"]
                for form in known[prefix]["Resources"][kind.lower()]["ARNFormats"]
            ), (action, arn)

"""Versions of functions that nothing uses any more are deleted after a deployment."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.old_versions import KEPT, STILL_CALLED, StackVersions

LATER = STILL_CALLED + timedelta(minutes=1)
STACK = "HokusModelServing"
REGION = "us-east-1"


@pytest.fixture
def lambda_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of an account where the stack's one function has six versions."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        code = boto3.client("s3", region_name=REGION)
        code.create_bucket(Bucket="code")
        code.put_object(Bucket="code", Key="code.zip", Body=archive(0))
        function = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "predict",
                "Runtime": "python3.13",
                "Handler": "module.handler",
                "Role": role["Role"]["Arn"],
                "Code": {"S3Bucket": "code", "S3Key": "code.zip"},
            },
        }
        boto3.client("cloudformation", region_name=REGION).create_stack(
            StackName=STACK, TemplateBody=json.dumps({"Resources": {"Predict": function}})
        )
        functions = boto3.client("lambda", region_name=REGION)
        for number in range(1, 7):
            functions.update_function_code(FunctionName="predict", ZipFile=archive(number))
            functions.publish_version(FunctionName="predict")
        assert ["1", "2", "3", "4", "5", "6"] == published(functions)
        yield functions


def archive(number: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("module.py", f"NUMBER = {number}")
    return content.getvalue()


def published(functions: Any) -> list[str]:
    versions = functions.list_versions_by_function(FunctionName="predict")["Versions"]
    return [each["Version"] for each in versions if each["Version"] != "$LATEST"]


def delete_unused(functions: Any, after: timedelta) -> int:
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    return StackVersions(cloudformation, functions).delete_unused(STACK, datetime.now(UTC) + after)


def test_the_newest_stay(lambda_client: Any):
    assert 6 - KEPT == delete_unused(lambda_client, LATER)
    assert ["4", "5", "6"] == published(lambda_client)
    assert 0 == delete_unused(lambda_client, LATER)


def test_versions_that_are_paid_for_go(lambda_client: Any):
    """Each of them has a snapshot; no execution calls them."""

    def add_snapshots(parsed: Any, **_: Any) -> None:
        # moto does not keep the setting.
        for version in parsed["Versions"]:
            version["SnapStart"] = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}

    lambda_client.meta.events.register("after-call.lambda.ListVersionsByFunction", add_snapshots)

    assert 5 == delete_unused(lambda_client, LATER)
    assert ["6"] == published(lambda_client)


def test_a_running_execution_keeps_the_versions_that_it_began_with(lambda_client: Any):
    assert 0 == delete_unused(lambda_client, STILL_CALLED - timedelta(hours=1))
    assert 6 == len(published(lambda_client))


def test_what_an_alias_names_stays(lambda_client: Any):
    """Also the second version of an alias that CodeDeploy is shifting."""
    lambda_client.create_alias(
        FunctionName="predict",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
    )
    assert 1 == delete_unused(lambda_client, LATER)
    assert ["1", "2", "4", "5", "6"] == published(lambda_client)

"""`python -m infra.failed_creation production` lets `cdk deploy` repeat a creation that failed.

The CDK's CLI turns termination protection on before it creates a stack's resources. When creation
fails, it deletes the stack before it tries again, which termination protection forbids.
Source: aws-cdk 2.1148, `deployStack` and `updateTerminationProtection`.
"""

import sys
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from infra.environments import environment_from_name

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

_CREATION_FAILED = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
"""A stack that was ever created completely never has one of these."""


def release(cloudformation: "CloudFormationClient", stack_name: str) -> bool:
    """Turn termination protection off if the stack's creation failed; return whether it did."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    failed = stack["StackStatus"] in _CREATION_FAILED
    if failed and stack.get("EnableTerminationProtection"):
        cloudformation.update_termination_protection(
            StackName=stack_name, EnableTerminationProtection=False
        )
        return True
    return False


if __name__ == "__main__":
    name = environment_from_name(sys.argv[1]).stack_name
    if release(boto3.client("cloudformation"), name):
        sys.stdout.write(f"The creation of {name} failed: it is deleted and created anew.\n")

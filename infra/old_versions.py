"""`python -m infra.old_versions production` deletes versions of functions that nothing uses.

A deployment publishes versions and deletes none, because executions of the workflow call those that
they began with. All versions of an account and region share 75 GB.
Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.environments import environment_from_name

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef

KEPT = 3
"""Newest versions of a function that always stay, to go back to by hand."""
KEPT_WITH_SNAPSHOT = 1
"""The same where each has a snapshot, which is paid for."""
STILL_CALLED = timedelta(days=1)
"""Age of a version's successor above which no execution calls the version: they last 4.2 hours."""
_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 10})


@dataclass(frozen=True, slots=True)
class StackVersions:
    """The versions of one stack's functions.

    Every method raises ClientError, when the credentials lack a right for example.
    """

    cloudformation: "CloudFormationClient"
    functions: "LambdaClient"

    def delete_unused(self, stack_name: str, now: datetime) -> int:
        """Delete the versions that were replaced a day before *now* or earlier.

        The newest stay, as do those that an alias names. Return how many are deleted.
        """
        unused = [
            (name, version)
            for name in self._function_names(stack_name)
            for version in self._unused(name, now)
        ]
        for name, version in unused:
            self.functions.delete_function(FunctionName=name, Qualifier=version)
        return len(unused)

    def _function_names(self, stack_name: str) -> Iterator[str]:
        paginator = self.cloudformation.get_paginator("list_stack_resources")
        for page in paginator.paginate(StackName=stack_name):
            for resource in page["StackResourceSummaries"]:
                if resource["ResourceType"] == "AWS::Lambda::Function":
                    yield resource["PhysicalResourceId"]

    def _unused(self, name: str, now: datetime) -> Iterator[str]:
        """Yield the versions of the function *name* that may go."""
        aliased = set(self._aliased(name))
        pages = self.functions.get_paginator("list_versions_by_function").paginate(
            FunctionName=name
        )
        found = [each for page in pages for each in page["Versions"]]
        versions = sorted(
            (int(each["Version"]), datetime.fromisoformat(each["LastModified"]))
            for each in found
            if each["Version"] != "$LATEST"
        )
        kept = KEPT_WITH_SNAPSHOT if any(map(_has_snapshot, found)) else KEPT
        for (version, _), (_, replaced_at) in pairwise(versions[: len(versions) - kept + 1]):
            if replaced_at < now - STILL_CALLED and str(version) not in aliased:
                yield str(version)

    def _aliased(self, name: str) -> Iterator[str]:
        """Yield the versions that an alias of the function *name* sends calls to."""
        for page in self.functions.get_paginator("list_aliases").paginate(FunctionName=name):
            for alias in page["Aliases"]:
                yield alias["FunctionVersion"]
                yield from alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def _has_snapshot(version: "FunctionConfigurationTypeDef") -> bool:
    return version.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions"


def main(environment: str) -> None:
    """Delete the unused versions of *environment*'s stack, and say how many they were."""
    versions = StackVersions(
        boto3.client("cloudformation", config=_PATIENT), boto3.client("lambda", config=_PATIENT)
    )
    stack_name = environment_from_name(environment).stack_name
    try:
        deleted = versions.delete_unused(stack_name, datetime.now(UTC))
    except ClientError as error:
        sys.exit(f"The stack is deployed, but old versions of its functions are left: {error}")
    if deleted:
        sys.stdout.write(f"{deleted} old versions of functions are deleted.\n")


if __name__ == "__main__":
    main(sys.argv[1])

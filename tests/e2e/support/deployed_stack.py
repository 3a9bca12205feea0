"""The deployed stack's template, with the names that its resources have."""

import json

from infra.environments import LOCAL
from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.rights.template import Template


def deployed_template(system: LocalSystem) -> Template:
    """Return the template of the stack that *system* runs."""
    (file,) = (system.state / "cdk.out").glob("*.template.json")
    cloudformation = aws_client("cloudformation", system.aws_url)
    answer = cloudformation.describe_stack_resources(StackName=LOCAL.stack_name)
    ids = {
        each["LogicalResourceId"]: each["PhysicalResourceId"] for each in answer["StackResources"]
    }
    return Template(json.loads(file.read_text()), ids | _secrets(system, answer["StackResources"]))


def _secrets(system: LocalSystem, resources: list[dict[str, str]]) -> dict[str, str]:
    """Return the ARNs of secrets, which are their physical ids in AWS and not in MiniStack."""
    manager = aws_client("secretsmanager", system.aws_url)
    return {
        each["LogicalResourceId"]: manager.describe_secret(SecretId=each["PhysicalResourceId"])[
            "ARN"
        ]
        for each in resources
        if each["ResourceType"] == "AWS::SecretsManager::Secret"
    }

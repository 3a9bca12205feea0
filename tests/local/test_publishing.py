"""Versions of the product's functions over several deployments, by the CDK's CLI to MiniStack.

No function is called: they have no packages. MiniStack compares functions by their last update,
where Lambda compares code and configuration.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from infra.config import Environment
from infra.environments import LOCAL
from infra.function_alias import ALIAS
from infra.functions import FUNCTIONS, PREDICT
from infra.local.deployment import aws_client
from infra.local.processes import StartError
from tests.infra.synthesized import make_stack
from tests.local.cdk_deployment import bootstrap, deploy, running_ministack

FOLDERS = {spec.bundle.folder for spec in FUNCTIONS}
CHANGED = replace(LOCAL, variables={folder: {"CHANGED": "yes"} for folder in FOLDERS})


@dataclass(frozen=True)
class Installation:
    """The stack on a MiniStack, deployed from *folder*."""

    aws_url: str
    folder: Path

    def client(self, service: str) -> Any:
        return aws_client(service, self.aws_url)

    def deploy(self, environment: Environment, *, broken: bool = False) -> None:
        """Deploy; a *broken* template fails once functions and workflow are updated.

        Raises: StartError.
        """
        output = self.folder / f"app-{len(list(self.folder.glob('app-*')))}"
        stack = make_stack(environment, output)
        if broken:
            url = lambda_.CfnUrl(
                stack, "Broken", auth_type="NONE", target_function_arn="no-such-function"
            )
            for part in ("Functions", "Provision"):
                url.node.add_dependency(stack.node.find_child(part))
        app = cdk.App.of(stack)
        assert isinstance(app, cdk.App)
        app.synth()
        deploy(output, self.aws_url, self.folder)

    def names(self) -> dict[str, str]:
        """Return the functions' names by their entries."""
        pages = self.client("lambda").get_paginator("list_functions").paginate()
        return {
            each["Handler"]: each["FunctionName"] for page in pages for each in page["Functions"]
        }

    def versions(self, entry: str) -> list[str]:
        """Return the function's published versions."""
        name = self.names()[entry]
        answer = self.client("lambda").list_versions_by_function(FunctionName=name)
        return [each["Version"] for each in answer["Versions"] if each["Version"] != "$LATEST"]

    def live(self) -> set[str]:
        """Return the versions that the aliases name."""
        functions = self.client("lambda")
        aliases = (
            functions.get_alias(FunctionName=name, Name=ALIAS) for name in self.names().values()
        )
        return {alias["FunctionVersion"] for alias in aliases}


def test_versions_over_several_deployments(tmp_path: Path):
    """Unchanged: none is published. Failed on purpose: none is left, and it can be repeated."""
    with running_ministack(tmp_path) as aws_url:
        bootstrap(aws_url, tmp_path)
        installation = Installation(aws_url, tmp_path)
        installation.deploy(LOCAL)
        assert {"1"} == installation.live()

        installation.deploy(LOCAL)
        with pytest.raises(StartError, match="no-such-function"):
            installation.deploy(CHANGED, broken=True)
        assert {"1"} == installation.live()
        assert ["1"] == installation.versions(PREDICT.handler)

        installation.deploy(CHANGED)
        (new,) = installation.live()
        assert ["1", new] == installation.versions(PREDICT.handler)

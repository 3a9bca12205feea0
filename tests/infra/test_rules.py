"""Other people's rules about templates: cdk-nag's and cfn-lint's."""

import json
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import Validations
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

from infra.config import LOCAL, PRODUCTION, Environment
from tests.infra.synthesized import Synthesized, make_stack


def findings(stack: cdk.Stack) -> set[str]:
    """What cdk-nag finds and nobody has acknowledged, by rule."""
    app = stack.node.root
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError:
        report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
        plugins = report["pluginReports"]
        return {found["ruleName"] for plugin in plugins for found in plugin["violations"]}
    return set()


@pytest.mark.parametrize(
    "environment", [PRODUCTION, LOCAL], ids=lambda environment: environment.name
)
def test_cdk_nag_finds_nothing_that_we_have_not_looked_at(environment: Environment, tmp_path: Path):
    """Every finding of the AWS Solutions rules is mended, or accepted with a reason."""
    assert set() == findings(make_stack(environment, tmp_path))


def test_cdk_nag_is_really_asked(tmp_path: Path):
    """A topic that takes messages in the clear is found, so the test above can fail."""
    stack = make_stack(LOCAL, tmp_path)
    sns.Topic(stack, "Careless")

    assert {"AwsSolutions-SNS3"} == findings(stack)


def test_cfn_lint_finds_no_error(production: Synthesized):
    """CloudFormation will understand the template."""
    linter = Path(sys.executable).with_name("cfn-lint")
    command = [linter, "--non-zero-exit-code", "error", "--template", production.path]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)

    assert 0 == linted.returncode, linted.stdout

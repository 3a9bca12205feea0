"""Rules of cdk-nag and cfn-lint about the templates."""

import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import aws_sns as sns

from infra.environments import ENVIRONMENTS, LOCAL
from tests.infra.synthesized import Synthesized, checked, make_stack, template_of


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cdk_nag_has_no_open_finding(environment: str):
    """Every finding of the AWS Solutions rules is fixed, or accepted with a reason."""
    assert set() == template_of(environment).findings


def test_cdk_nag_reports_a_finding(tmp_path: Path):
    """A topic without TLS is reported, so the test above can fail."""
    stack = make_stack(LOCAL, tmp_path)
    sns.Topic(stack, "Careless")

    assert {"AwsSolutions-SNS3"} == checked(stack)


def test_cfn_lint_finds_no_error(production: Synthesized):
    """CloudFormation accepts the template."""
    linter = Path(sys.executable).with_name("cfn-lint")
    command: list[str | Path] = [
        linter,
        "--non-zero-exit-code",
        "error",
        "--template",
        production.path,
    ]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)

    assert 0 == linted.returncode, linted.stdout

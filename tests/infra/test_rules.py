"""Other people's rules about templates: cdk-nag's and cfn-lint's."""

import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import aws_sns as sns

from infra.environments import ENVIRONMENTS, LOCAL
from tests.infra.synthesized import Synthesized, checked, make_stack, template_of


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cdk_nag_finds_nothing_that_is_not_accepted(environment: str):
    """Every finding of the AWS Solutions rules is mended, or accepted with a reason."""
    assert set() == template_of(environment).findings


def test_cdk_nag_is_really_asked(tmp_path: Path):
    """A topic that takes messages in the clear is found, so the test above can fail."""
    stack = make_stack(LOCAL, tmp_path)
    sns.Topic(stack, "Careless")

    assert {"AwsSolutions-SNS3"} == checked(stack)


def test_cfn_lint_finds_no_error(production: Synthesized):
    """CloudFormation will understand the template."""
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

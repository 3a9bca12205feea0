"""Rules of cdk-nag and cfn-lint about the templates."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import aws_sns as sns

from infra.environments import ENVIRONMENTS, LOCAL, STAGING
from tests.infra.synthesized import Synthesized, checked, make_stack, synthesize, template_of


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cdk_nag_has_no_open_finding(environment: str):
    """Every finding of the AWS Solutions rules is fixed, or accepted with a reason."""
    assert set() == template_of(environment).findings


def test_cdk_nag_reports_a_finding(tmp_path: Path):
    """A topic without TLS is reported, so the test above can fail."""
    stack = make_stack(LOCAL, tmp_path)
    sns.Topic(stack, "Careless")

    assert {"AwsSolutions-SNS3"} == checked(stack)


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_cfn_lint_finds_no_error(environment: str):
    """CloudFormation accepts the template."""
    assert "" == errors_in(template_of(environment))


def test_cfn_lint_accepts_a_domain(tmp_path: Path):
    """With its DNS records."""
    environment = replace(
        STAGING,
        domain_name="models.example",
        certificate_arn="arn:aws:acm:us-east-1:000000000000:certificate/made-up",
        hosted_zone_id="Z0123456789",
    )

    assert "" == errors_in(synthesize(environment, tmp_path))


def errors_in(stack: Synthesized) -> str:
    """Return what cfn-lint says about errors in the template."""
    linter = Path(sys.executable).with_name("cfn-lint")
    command: list[str | Path] = [linter, "--non-zero-exit-code", "error", "--template", stack.path]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    return linted.stdout if linted.returncode else ""

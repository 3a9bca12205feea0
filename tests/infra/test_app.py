"""The CDK app as the CDK's CLI starts it."""

import json
import os
import subprocess
import sys
from functools import partial

import aws_cdk as cdk
import pytest

from infra import app
from tests.infra.synthesized import ROOT

ACCOUNT_OF_AWS = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "us-east-1"}


def test_what_cannot_be_deployed_ends_the_app_with_a_sentence():
    """Without a stack trace, and before any bundle is built."""
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps({"env": "prod"})}
    command = [sys.executable, "-m", "infra.app"]

    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (1, "") == (ended.returncode, ended.stdout)
    assert "There is no environment 'prod'; there are:" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("context", "variables", "message"),
    [
        ({"env": "prod"}, {}, "There is no environment 'prod'; there are:"),
        ({"env": "staging"}, ACCOUNT_OF_AWS, "staging needs an MLflow of its own"),
        ({"env": "local"}, ACCOUNT_OF_AWS, "env=local is for MiniStack on this machine"),
        ({"domain_name": "models.example"}, {}, "The domain models.example needs a certificate"),
    ],
)
def test_what_cannot_be_deployed_is_refused_in_a_sentence(
    context: dict[str, str],
    variables: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
):
    """In this process: to start another, as above, takes five seconds of processor time."""
    monkeypatch.setattr(cdk, "App", partial(cdk.App, context=context))
    monkeypatch.setattr(app, "ModelServingStack", None)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        app.main()

    assert message in str(ended.value.code)
    assert ("", "") == capfd.readouterr()

"""MLflow's webhook keeps itself, and `make doctor` finds nothing wrong with the local system.

Given a running system, when somebody disables the webhook in MLflow, then the next reconciliation
repairs it; when somebody runs the doctor afterwards, then every check is made and nothing is wrong.
"""

import json
import subprocess
import sys

import pytest
from mlflow import MlflowClient

from infra.local.deployment import aws_client
from infra.local.parts import ROOT
from infra.local.system import LocalSystem
from tests.e2e.support.lambda_functions import RECONCILE, LambdaFunctions

pytestmark = pytest.mark.alone


def test_a_disabled_webhook_is_repaired(system: LocalSystem) -> None:
    """The report says so."""
    registry = MlflowClient(system.mlflow_url)
    (webhook,) = registry.list_webhooks()
    registry.update_webhook(webhook.webhook_id, status="DISABLED")

    answer = aws_client("lambda", system.aws_url).invoke(
        FunctionName=LambdaFunctions(system).live(RECONCILE), Payload=b"{}"
    )

    report = json.loads(answer["Payload"].read())
    assert {"state": "repaired", "detail": "disabled"} == report["webhook"]
    assert registry.get_webhook(webhook.webhook_id).status.is_active()


def test_the_doctor_finds_nothing_wrong(system: LocalSystem) -> None:
    """Every check was made; MLflow's test delivery was accepted."""
    command = [sys.executable, "-m", "doctor", "local", "--state", str(system.state)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    lines = done.stdout.splitlines()
    assert [] == [line for line in lines if line.startswith(("WRONG", "?"))], done.stderr
    assert (0, "Nothing is wrong.") == (done.returncode, lines[-1])
    assert any("test delivery" in line and "accepted" in line for line in lines)
    assert not [each for each in system.service_tokens.values() if each in done.stdout]
    assert system.webhook_secret not in done.stdout

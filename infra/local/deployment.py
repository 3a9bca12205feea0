"""`cdk bootstrap` and `cdk deploy` of the product's own stack against MiniStack."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infra.local.home import away_from_home
from infra.local.parts import ROOT
from infra.local.processes import run

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Stack:
    """What was deployed.

    Attributes:
        api_url: Ends in `/api/v1`.
    """

    api_url: str
    webhook_url: str
    outputs: dict[str, str]


def aws_environment(endpoint_url: str) -> dict[str, str]:
    """How the CDK, boto3 and the functions reach MiniStack instead of AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def aws_client(service: Any, endpoint_url: str) -> Any:
    """A boto3 client of MiniStack."""
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def deploy(endpoint_url: str, *, context: dict[str, str], state: Path) -> Stack:
    """Deploy the stack with *context*. Raises: StartError."""
    environment = aws_environment(endpoint_url) | _cdk_environment(state)
    log = state / "logs/cdk.log"
    outputs = state / "outputs.json"
    cdk = [str(ROOT / ".venv/bin/node"), str(ROOT / "node_modules/.bin/cdk")]
    cdk += ["--no-notices", "--ci", "--progress=events"]
    # Away from cdk.json, or the app would be run, and every bundle built, for nothing.
    bootstrap = [*cdk, "bootstrap", f"aws://000000000000/{REGION}"]
    run(bootstrap, log=log, environment=environment, cwd=state)
    deployment = [*cdk, "deploy", "--require-approval=never", "--outputs-file", str(outputs)]
    deployment += ["--output", str(state / "cdk.out")]
    # The path form, which needs no name to resolve.
    origin = f"{endpoint_url}/_aws/execute-api/{{api_id}}/live"
    for name, value in {**context, "api_origin": origin}.items():
        deployment.append(f"--context={name}={value}")
    run(deployment, log=log, environment=environment, cwd=ROOT)
    (values,) = json.loads(outputs.read_text()).values()
    return Stack(api_url=values["ApiUrl"], webhook_url=values["WebhookUrl"], outputs=values)


def _cdk_environment(state: Path) -> dict[str, str]:
    return {
        "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}",
        **away_from_home(state / "tmp"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "TMPDIR": str(state / "tmp"),
    }

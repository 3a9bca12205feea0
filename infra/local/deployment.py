"""`cdk bootstrap` and `cdk deploy` of the product's own stack against MiniStack."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infra.emulator import ACCOUNT, REGION
from infra.local.home import away_from_home
from infra.local.parts import ROOT
from infra.local.processes import run

type Say = Callable[[str], None]
"""Shows a line of text to the user."""

_STEPS = (
    (re.compile(r"Environment \S+ bootstrapped"), "account bootstrapped; synthesizing the stack"),
    (re.compile(r"Bundling asset \w+/Functions/(\w+)/"), r"building the bundle of \1"),
    (re.compile(r"Synthesis time"), "template written; uploading the bundles"),
    (re.compile(r"success: Published Functions/(\w+)/"), r"uploaded the bundle of \1"),
    (re.compile(r"^HokusModelServing\S* \| +(\d*00)/(\d+) \|"), r"\1 of \2 resources"),
)
"""Lines of the CDK's output, and the text that is shown for each."""
_OUTPUTS = "outputs.json"


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack; *api_url* ends in `/api/v1`."""

    api_url: str
    webhook_url: str
    webhook_secret: str
    reconcile_function: str


def aws_environment(endpoint_url: str) -> dict[str, str]:
    """Return the variables by which the CDK, boto3 and functions use MiniStack instead of AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def aws_client(service: Any, endpoint_url: str) -> Any:
    """Return a boto3 client of MiniStack."""
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def deploy(
    endpoint_url: str,
    *,
    context: Mapping[str, str],
    secrets: Mapping[str, str],
    state: Path,
    say: Say,
) -> Stack:
    """Deploy the stack with *context*, and set *secrets* (value by the stack's output).

    Raises: StartError.
    """
    environment = aws_environment(endpoint_url) | _cdk_environment(state)
    log, outputs = state / "logs/cdk.log", state / _OUTPUTS
    cdk = [str(ROOT / ".venv/bin/node"), str(ROOT / "node_modules/.bin/cdk")]
    cdk += ["--no-notices", "--ci"]
    # Away from cdk.json, or the app would be run, and every bundle built, for nothing.
    bootstrap = [*cdk, "bootstrap", f"aws://{ACCOUNT}/{REGION}"]
    show = progress(say)
    run(bootstrap, log=log, environment=environment, cwd=state, on_line=show)
    _prepare_buckets(endpoint_url, artifacts=context["artifact_bucket"])
    deployment = [*cdk, "deploy", "--require-approval=never", "--progress=events"]
    deployment += ["--outputs-file", str(outputs), "--output", str(state / "cdk.out")]
    # The path form, which needs no name to resolve.
    origin = f"{endpoint_url}/_aws/execute-api/{{api_id}}/live"
    for name, value in {**context, "api_origin": origin}.items():
        deployment.append(f"--context={name}={value}")
    run(deployment, log=log, environment=environment, cwd=ROOT, on_line=show)
    values = stack_outputs(state)
    manager = aws_client("secretsmanager", endpoint_url)
    for output, secret in secrets.items():
        manager.put_secret_value(SecretId=values[output], SecretString=secret)
    generated = manager.get_secret_value(SecretId=values["WebhookSecret"])
    return Stack(
        api_url=values["ApiUrl"],
        webhook_url=values["WebhookUrl"],
        webhook_secret=generated["SecretString"],
        reconcile_function=values["ReconcileFunction"],
    )


def stack_outputs(state: Path) -> Mapping[str, str]:
    """Return the outputs of the stack that was deployed with *state*."""
    (values,) = json.loads((state / _OUTPUTS).read_text()).values()
    found: Mapping[str, str] = values
    return found


def _prepare_buckets(endpoint_url: str, *, artifacts: str) -> None:
    """Make the bucket *artifacts*, and let the CDK's roles use theirs without TLS.

    MiniStack speaks plain HTTP, which the policy of the CDK's bucket denies.
    """
    s3 = aws_client("s3", endpoint_url)
    s3.create_bucket(Bucket=artifacts)
    s3.delete_bucket_policy(Bucket=f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}")


def progress(say: Say) -> Callable[[str], None]:
    """Return a function that takes the CDK's output line by line and shows each step once."""
    shown: set[str] = set()

    def show(line: str) -> None:
        for pattern, text in _STEPS:
            match = pattern.search(line)
            step = match.expand(text) if match else ""
            if step and step not in shown:
                shown.add(step)
                say(f"    {step}")

    return show


def _cdk_environment(state: Path) -> dict[str, str]:
    return {
        "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}",
        **away_from_home(state / "tmp"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "TMPDIR": str(state / "tmp"),
    }

"""Services that a first call meets in `bench.cold`: AWS, auth service, endpoint, all behind TLS.

MiniStack is AWS, and the stand-in of auth.hokus.ai the auth service; the endpoint is
`bench.upstream`.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from bench.prediction_world import VARIABLES, aws, fill, printed_port, process
from bench.tls import HOST, tls_in_front_of, write_certificates
from bench.warm_cases import tensor_body
from functions.common.deployments.items import deployment_item
from infra.local.parts import auth, free_port
from infra.local.processes import stop
from tests.builders import a_deployment
from tests.events import event
from tests.tables import DEPLOYMENTS

KEY = "hk_live_0123456789abcdef0123456789abcdef"
WEBHOOK_SECRET = "webhook"
BODY_BYTES = 200
_ROLE = "arn:aws:iam::000000000000:role/bench"
_WORKFLOW = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


@contextmanager
def world(folder: Path) -> Iterator[dict[str, str]]:
    """Run all that the functions call; yield the functions' environment variables."""
    os.environ.update(VARIABLES)
    certificate, trusted = write_certificates(folder)
    with ExitStack() as stack:
        aws_url = stack.enter_context(aws(folder))
        upstream, log = stack.enter_context(
            process("bench.upstream", environment={}, folder=folder)
        )
        auth_port = stack.enter_context(_auth(folder))
        aws_port = int(aws_url.rpartition(":")[2])
        ports = {"aws": aws_port, "auth": auth_port, "upstream": printed_port(upstream, log)}
        urls = {
            name: stack.enter_context(tls_in_front_of(port, certificate))
            for name, port in ports.items()
        }
        fill(aws_url, urls["upstream"])
        yield {
            **VARIABLES,
            "AWS_ENDPOINT_URL": urls["aws"],
            "AWS_CA_BUNDLE": str(trusted),
            "SSL_CERT_FILE": str(trusted),
            "AUTH_URL": urls["auth"],
            "ENDPOINT_DOMAIN": HOST,
            "INSTALLATION": "bench",
            "API_URL": "https://api.example/api/v1",
            "WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STATE_MACHINE_ARN": _workflow(aws_url),
            "ENDPOINT_DEADLINE_S": "900",
            "EVENT_BUS": "events",
            "RETIRE_AFTER_S": "640",
            "MLFLOW_TRACKING_URI": "https://mlflow.example",
            "MLFLOW_CREDENTIALS_SECRET": "token",
        }


@contextmanager
def _auth(folder: Path) -> Iterator[int]:
    part = auth(free_port(), folder, api_key=KEY)
    running = part.start()
    try:
        part.wait_until_ready(running)
        yield part.port
    finally:
        stop([running])


def _workflow(aws_url: str) -> str:
    """Make what the other functions need in AWS; return the workflow's ARN."""
    secrets = boto3.client("secretsmanager", endpoint_url=aws_url)
    secrets.create_secret(Name=WEBHOOK_SECRET, SecretString=WEBHOOK_SECRET)
    dynamodb = boto3.client("dynamodb", endpoint_url=aws_url)
    dynamodb.put_item(TableName=DEPLOYMENTS, Item=deployment_item(_not_desired()))
    workflow = boto3.client("stepfunctions", endpoint_url=aws_url).create_state_machine(
        name="bench", definition=json.dumps(_WORKFLOW), roleArn=_ROLE
    )
    return workflow["stateMachineArn"]


def _not_desired() -> Any:
    return a_deployment(model_id="replaced")


def prediction() -> dict[str, Any]:
    """Return a prediction's event."""
    return event("predict", body=tensor_body(BODY_BYTES))


def delivery() -> dict[str, Any]:
    """Return MLflow's news of a version that nobody has heard of, signed."""
    name, now = f"model-{uuid4()}", int(time.time())
    content = {
        "entity": "model_version",
        "action": "created",
        "timestamp": datetime.now(UTC).isoformat(),
        "data": {"name": name, "version": "1", "source": "models:/m-1", "tags": {}},
    }
    body = json.dumps(content)
    signed = f"delivery.{now}.{body}".encode()
    signature = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).digest()
    headers = {
        "X-MLflow-Delivery-Id": "delivery",
        "X-MLflow-Timestamp": str(now),
        "X-MLflow-Signature": f"v1,{base64.b64encode(signature).decode()}",
    }
    return event("mlflow_webhook", body=body, headers=headers)


def operation() -> dict[str, Any]:
    """Return an operator's request to deploy a model that has no deployment yet."""
    name = f"model-{uuid4()}"
    return event("operations", path=f"/api/v1/models/{name}/deployments")


def task() -> dict[str, Any]:
    """Return the workflow's state of a deployment that is not the desired one, so that its task
    reads the record, and ends."""
    deployment = _not_desired()
    return {"model_id": deployment.model_id, "deployment_id": deployment.id}

"""MiniStack and the models' endpoint, which a benchmark of predictions runs beside the function."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import boto3

from bench.models import MODELS
from bench.running_part import running
from bench.upstream import DEPLOYMENT_ID, PACKAGE
from functions.common.deployments.items import live_item
from functions.common.signatures.request_schema import request_schema
from infra.local.parts import free_port, ministack
from infra.local.processes import Running, start, stop
from tests.builders import a_live_deployment
from tests.tables import DEPLOYMENTS, STATE, create_table

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "predict",
    "TABLE_NAME": DEPLOYMENTS,
    "STATE_TABLE_NAME": STATE,
    "RECONCILE_FUNCTION": "reconcile",
    "HUGGINGFACE_NAMESPACE": "bench",
    "HUGGINGFACE_TOKEN_SECRET": "token",
    "ENDPOINT_DOMAIN": "127.0.0.1",
}


def aws(folder: Path) -> AbstractContextManager[str]:
    """Run MiniStack within a block; yield its address."""
    return running(ministack(free_port(), folder))


@contextmanager
def process(
    *module: str, environment: dict[str, str], folder: Path
) -> Iterator[tuple[Running, Path]]:
    """Run `python -m module`; yield the process and the file of its output."""
    log = folder / f"{module[0]}.log"
    started = start(module[0], (sys.executable, "-m", *module), log=log, environment=environment)
    try:
        yield started, log
    finally:
        stop([started])


def printed_port(upstream: Running, log: Path) -> int:
    """Return the port that the upstream prints, as soon as it has."""
    while not log.exists() or not log.read_text().endswith("\n"):
        assert upstream.is_alive
        time.sleep(0.01)
    return int(log.read_text())


def fill(aws_url: str, upstream_url: str) -> None:
    """Store the live deployments and the token that the handler looks up."""
    dynamodb = boto3.client("dynamodb", endpoint_url=aws_url)
    for table in (DEPLOYMENTS, STATE):
        create_table(table, dynamodb)
    for model_id, (signature, path) in MODELS.items():
        deployment = a_live_deployment(
            model_id=model_id,
            endpoint_url=upstream_url + path,
            adopted_from=DEPLOYMENT_ID,
            package_digest=PACKAGE,
            runtime="container",
            input_schema=signature,
            request_schema=request_schema(signature, None),
        )
        dynamodb.put_item(TableName=DEPLOYMENTS, Item=live_item(deployment))
    secrets = boto3.client("secretsmanager", endpoint_url=aws_url)
    secrets.create_secret(Name="token", SecretString="hf_token")

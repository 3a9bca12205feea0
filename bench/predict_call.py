"""`python -m bench.predict_call`: the cost of a warm prediction beside that of the bare call.

Side by side in one run, over one upstream on loopback: our Lambda handler with everything on
(MiniStack holds its tables and its secret), a FastAPI service that does the same job, and a bare
call by httpx. Rounds of calls alternate between the three. Medians over all calls; CPU is user and
system time of the process that does the job.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3

from bench.upstream import DEPLOYMENT_ID, PACKAGE
from functions.common.deployments.items import live_item
from functions.common.signatures.request_schema import request_schema
from infra.local.parts import free_port, ministack
from infra.local.processes import start, stop, wait_until_answering
from tests.builders import a_live_deployment, changed
from tests.tables import DEPLOYMENTS, STATE, create_table

SIZES = {200: 400, 100_000: 100, 5_000_000: 6}
"""Bytes of the body, and how many calls are made of it per round."""
ROUNDS = 7
CONTENDERS = ("bare", "handler", "fastapi")
TENSOR = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]
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


class Contender:
    """A worker, and the durations of its calls."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.predict_worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.name = name
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []

    def warm_up(self, size: int) -> None:
        """Make connections, and fill caches."""
        self._order(size, max(3, SIZES[size] // 4))
        self.wall_ms, self.cpu_ms = [], []

    def run(self, size: int) -> None:
        """Make one round of calls."""
        measured = self._order(size, SIZES[size])
        self.wall_ms += measured["wall_ms"]
        self.cpu_ms.append(measured["cpu_ms"])

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)

    def _order(self, size: int, calls: int) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"size": size, "calls": calls}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def aws(folder: Path) -> Iterator[str]:
    """Run MiniStack; yield its address."""
    part = ministack(free_port(), folder)
    running = part.start()
    try:
        part.wait_until_ready(running)
        yield part.url
    finally:
        stop([running])


@contextmanager
def process(*module: str, environment: dict[str, str], folder: Path) -> Iterator[Any]:
    """Run `python -m module`; yield the process and the file of its output."""
    log = folder / f"{module[0]}.log"
    running = start(module[0], (sys.executable, "-m", *module), log=log, environment=environment)
    try:
        yield running, log
    finally:
        stop([running])


def fill(aws_url: str, upstream_url: str) -> None:
    """Store the live deployment and the token that the handler looks up."""
    dynamodb = boto3.client("dynamodb", endpoint_url=aws_url)
    for table in (DEPLOYMENTS, STATE):
        create_table(table, dynamodb)
    deployment = changed(
        a_live_deployment(
            endpoint_url=upstream_url,
            package_digest=PACKAGE,
            runtime="container",
            input_schema=TENSOR,
            request_schema=request_schema(TENSOR, None),
        ),
        id=DEPLOYMENT_ID,
    )
    dynamodb.put_item(TableName=DEPLOYMENTS, Item=live_item(deployment))
    secrets = boto3.client("secretsmanager", endpoint_url=aws_url)
    secrets.create_secret(Name="token", SecretString="hf_token")


def main() -> None:
    """Measure, and print a table per size."""
    os.environ.update(VARIABLES)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        aws_url = stack.enter_context(aws(folder))
        environment = {"AWS_ENDPOINT_URL": aws_url}
        upstream, log = stack.enter_context(
            process("bench.upstream", environment={}, folder=folder)
        )
        environment["UPSTREAM_URL"] = f"http://127.0.0.1:{printed_port(upstream, log)}"
        fill(aws_url, environment["UPSTREAM_URL"])
        port = free_port()
        service, log = stack.enter_context(
            process("bench.fastapi_service", str(port), environment=environment, folder=folder)
        )
        environment |= {"SERVICE_URL": f"http://127.0.0.1:{port}", "SERVICE_PID": str(service.pid)}
        wait_until_answering(service, f"{environment['SERVICE_URL']}/openapi.json", log=log)
        contenders = [Contender(name, environment) for name in CONTENDERS]
        try:
            for size in SIZES:
                measure(size, contenders)
        finally:
            for contender in contenders:
                contender.close()


def printed_port(running: Any, log: Path) -> int:
    """Return the port that the upstream prints, as soon as it has."""
    while not log.exists() or not log.read_text().endswith("\n"):
        assert running.is_alive
    return int(log.read_text())


def measure(size: int, contenders: list[Contender]) -> None:
    """Make rounds of calls in turn, and print their figures."""
    for contender in contenders:
        contender.warm_up(size)
    for _ in range(ROUNDS):
        for contender in contenders:
            contender.run(size)
    base = contenders[0]
    print(f"\n{size:,} bytes, {ROUNDS} rounds of {SIZES[size]} calls")
    print(f"{'':<10}{'p50 ms':>10}{'p99 ms':>10}{'added p50':>11}{'CPU ms':>9}{'CPU ratio':>11}")
    peer = statistics.median(contenders[-1].cpu_ms)
    for contender in contenders:
        p50, p99 = quantile(contender, 50), quantile(contender, 99)
        cpu_ms = statistics.median(contender.cpu_ms)
        print(
            f"{contender.name:<10}{p50:>10.3f}{p99:>10.3f}{p50 - quantile(base, 50):>11.3f}"
            f"{cpu_ms:>9.3f}{cpu_ms / peer:>11.2f}"
        )


def quantile(contender: Contender, percent: int) -> float:
    return statistics.quantiles(contender.wall_ms, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()

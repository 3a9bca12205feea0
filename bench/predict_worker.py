"""One contender of `predict_call`, in a process of its own.

For each `{"size": bytes, "calls": n}`, a line of stdin, it makes that many calls and answers with
`{"wall_ms": […], "cpu_ms": per call}`.

`handler` is our Lambda handler, called as Lambda's runtime calls it: the event arrives as JSON text
and the answer leaves as such. `fastapi` calls the service over HTTP, and counts the service's CPU
alone. `bare` is one call of httpx to the endpoint.
"""

import http.client
import json
import os
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import psutil

from bench.fastapi_service import KEY
from bench.upstream import ROW, ROW_BYTES

type Call = Callable[[], None]


def body_of(size: int) -> str:
    """Return a body of rows, about *size* bytes long."""
    rows = max(1, (size - 20) // ROW_BYTES)
    return '{"inputs": [' + (ROW * rows)[:-1] + "]}"


def handler(size: int) -> Call:
    """Return calls of our Lambda handler, with everything on."""
    from functions.predict.handler import lambda_handler  # noqa: PLC0415 - this contender's alone
    from tests.events import LambdaContext, event  # noqa: PLC0415

    sent = json.dumps(event("predict", body=body_of(size))).encode()
    context = LambdaContext()

    def call() -> None:
        answer = lambda_handler(json.loads(sent), context)
        json.dumps(answer).encode()
        assert answer["statusCode"] == 200, answer["body"][:500]

    return call


def fastapi(size: int) -> Call:
    """Return calls of the service over one kept-alive connection."""
    address = urlsplit(os.environ["SERVICE_URL"])
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = body_of(size).encode()

    def call() -> None:
        connection.request("POST", "/api/v1/models/iris/predict", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]

    return call


def bare(size: int) -> Call:
    """Return calls by httpx alone."""
    client = httpx.Client()
    body = body_of(size).encode()
    headers = {"Content-Type": "application/json"}

    def call() -> None:
        client.post(os.environ["UPSTREAM_URL"], content=body, headers=headers).raise_for_status()

    return call


CONTENDERS: dict[str, Callable[[int], Call]] = {
    "bare": bare,
    "fastapi": fastapi,
    "handler": handler,
}


def cpu_s(name: str) -> float:
    """Return the user and system time so far of the process that is measured."""
    if name != "fastapi":
        return time.process_time()
    # In hundredths of a second, for want of a finer clock of another process.
    times = psutil.Process(int(os.environ["SERVICE_PID"])).cpu_times()
    return times.user + times.system


def main(name: str) -> None:
    """Serve orders until stdin ends; only answers go to stdout."""
    answers = os.fdopen(os.dup(1), "w")
    # Logs and metrics are written as in Lambda, and thrown away.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    calls: dict[int, Call] = {}
    for line in sys.stdin:
        order = json.loads(line)
        call = calls.setdefault(order["size"], CONTENDERS[name](order["size"]))
        wall_ms, before = [], cpu_s(name)
        for _ in range(order["calls"]):
            began = time.perf_counter()
            call()
            wall_ms.append((time.perf_counter() - began) * 1_000)
        cpu_ms = (cpu_s(name) - before) * 1_000 / order["calls"]
        answers.write(json.dumps({"wall_ms": wall_ms, "cpu_ms": cpu_ms}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])

"""One contender of `warm`, in a process of its own.

For each `{"case": name, "calls": n}`, a line of stdin, it makes that many calls and answers with
`{"wall_ms": […], "cpu_ms": per call, "answer_bytes": n}`.

`handler` is our Lambda handler, called as Lambda's runtime calls it, and by its code: the event
arrives as JSON, its body in base64 as API Gateway hands over all of ours, and the answer leaves as
JSON. `fastapi` calls
the service over HTTP, and counts the service's CPU alone. `bare` is one call of httpx to the
endpoint; nobody parses its answer.
"""

import http.client
import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import psutil

from bench.fastapi_service import KEY
from bench.models import MODELS
from bench.warm_cases import CASES, Case

type Call = Callable[[], int]
"""Makes a call; returns the bytes of the answer."""


def handler(case: Case) -> Call:
    """Return calls of our Lambda handler, with everything on."""
    from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller  # noqa: PLC0415

    from functions.predict.handler import lambda_handler  # noqa: PLC0415 - this contender's alone
    from tests.events import LambdaContext, event  # noqa: PLC0415

    body = b64encode(case.body().encode()).decode()
    path = f"/api/v1/models/{case.model}/predict"
    sent = json.dumps(event("predict", path=path, body=body, isBase64Encoded=True)).encode()
    context = LambdaContext()
    # It chooses by this variable how text is written.
    os.environ["AWS_EXECUTION_ENV"] = "AWS_Lambda_python3.13"
    runtime = LambdaMarshaller()

    def call() -> int:
        answer = lambda_handler(runtime.unmarshal_request(sent), context)
        content, _ = runtime.marshal_response(answer)
        assert answer["statusCode"] == 200, answer["body"][:500]
        return len(content.encode())

    return call


def fastapi(case: Case) -> Call:
    """Return calls of the service over one kept-alive connection."""
    address = urlsplit(os.environ["SERVICE_URL"])
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = case.body().encode()

    def call() -> int:
        connection.request("POST", f"/api/v1/models/{case.model}/predict", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]
        return len(content)

    return call


def bare(case: Case) -> Call:
    """Return calls by httpx alone."""
    client = httpx.Client()
    url = os.environ["UPSTREAM_URL"] + MODELS[case.model][1]
    body = case.body().encode()
    headers = {"Content-Type": "application/json"}

    def call() -> int:
        return len(client.post(url, content=body, headers=headers).raise_for_status().content)

    return call


CONTENDERS: dict[str, Callable[[Case], Call]] = {
    "bare": bare,
    "handler": handler,
    "fastapi": fastapi,
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
    calls: dict[str, Call] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if order["case"] not in calls:
            # One at a time, so that no case pays for another's objects.
            calls = {order["case"]: CONTENDERS[name](CASES[order["case"]])}
        call, wall_ms, answer_bytes, before = calls[order["case"]], [], 0, cpu_s(name)
        for _ in range(order["calls"]):
            began = time.perf_counter()
            answer_bytes = call()
            wall_ms.append((time.perf_counter() - began) * 1_000)
        cpu_ms = (cpu_s(name) - before) * 1_000 / order["calls"]
        measured = {"wall_ms": wall_ms, "cpu_ms": cpu_ms, "answer_bytes": answer_bytes}
        answers.write(json.dumps(measured) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])

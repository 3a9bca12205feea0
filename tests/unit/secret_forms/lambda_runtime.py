"""AWS's own runtime of Python functions, which words what a function raises."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.unit.secret_forms import runtime_api

_REQUEST_ID = "52fdfc07-2182-454f-963f-5f0f9a621d72"
_ARN = "arn:aws:lambda:us-east-1:123456789012:function:test"
_DEADLINE_MS = "4102444800000"

type Handler = Callable[[dict[str, Any], Any], Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """What Lambda was given at the end of a call.

    Attributes:
        body: The answer; of a failure, message, type and frames, which Step Functions keeps.
        failed: The function raised.
        trace: What X-Ray's segment says of the failure; empty otherwise.
    """

    body: str
    failed: bool
    trace: str


type Run = Callable[[Handler, dict[str, Any]], Reported]


@contextmanager
def lambda_runtime() -> Iterator[Run]:
    """Yield a function that calls a handler with an event as Lambda does.

    Whatever the runtime logs of a failure is printed.
    """
    command = [sys.executable, "-m", runtime_api.__name__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        # Read when the runtime's client is imported.
        os.environ.update(AWS_LAMBDA_RUNTIME_API=address, AWS_LAMBDA_FUNCTION_NAME="test")
        os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "128"
        from awslambdaric import bootstrap  # noqa: PLC0415
        from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: PLC0415

        client, sink = LambdaRuntimeClient(address), bootstrap.StandardLogSink()

        def call(handler: Handler, event: dict[str, Any]) -> Reported:
            body, kind = json.dumps(event).encode(), "application/json"
            bootstrap.handle_event_request(
                client, handler, _REQUEST_ID, body, kind, None, None, _ARN, _DEADLINE_MS, None, sink
            )
            assert server.stdout
            return Reported(**json.loads(server.stdout.readline()))

        try:
            yield call
        finally:
            server.terminate()

"""One case of `footprint` in this process: a first call, which is not counted, and some more.

Prints `{"peak_mib": …, "log_bytes": per call, "log_events": per call, "cpu_ms": per call}`.
"""

import json
import os
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.function_processes import peak_mib
from bench.warm_cases import records_body, split_body, tensor_body
from tests.events import LambdaContext, event

KEY = "hk_live_0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Case:
    """Calls of one event; *module* is the handler's."""

    module: str
    event: Callable[[], dict[str, Any]]
    calls: int


def _prediction(model: str, form: Callable[[int], str], size: int) -> Callable[[], dict[str, Any]]:
    def made() -> dict[str, Any]:
        body = b64encode(form(size).encode()).decode()
        path = f"/api/v1/models/{model}/predict"
        return event("predict", path=path, body=body, isBase64Encoded=True)

    return made


_PREDICT = "functions.predict.handler"
CASES: Mapping[str, Case] = {
    "predict, tensor, 1 kB": Case(_PREDICT, _prediction("iris", tensor_body, 1_000), 200),
    "predict, tensor, 4 MB": Case(_PREDICT, _prediction("iris", tensor_body, 4_000_000), 4),
    "predict, answer 4 MB": Case(_PREDICT, _prediction("embedding", tensor_body, 4_000_000), 4),
    "predict, split table, 4 MB": Case(_PREDICT, _prediction("table", split_body, 4_000_000), 4),
    "predict, records, 4 MB": Case(_PREDICT, _prediction("table", records_body, 4_000_000), 4),
    "authorizer": Case("functions.authorizer.handler", lambda: event("authorizer"), 100),
}


def main(name: str) -> None:
    """Make the calls of the case, and print what they took."""
    case = CASES[name]
    answers = os.fdopen(os.dup(1), "w")
    with tempfile.TemporaryFile() as logs:
        os.dup2(logs.fileno(), 1)
        call = _call(case)
        call()
        sys.stdout.flush()
        before, began = os.fstat(1).st_size, time.process_time()
        for _ in range(case.calls):
            call()
        cpu_s = time.process_time() - began
        sys.stdout.flush()
        logs.seek(before)
        lines = logs.read().splitlines()
    measured = {
        "peak_mib": peak_mib(os.getpid()),
        "log_bytes": round(sum(map(len, lines)) / case.calls, 1),
        "log_events": round(len(lines) / case.calls, 2),
        "cpu_ms": round(cpu_s * 1_000 / case.calls, 3),
    }
    answers.write(json.dumps(measured) + "\n")
    answers.close()


def _call(case: Case) -> Callable[[], None]:
    """Return a call as Lambda's runtime makes it: from JSON, to JSON."""
    module = __import__(case.module, fromlist=["lambda_handler"])
    sent, context = json.dumps(case.event()).encode(), LambdaContext()

    def call() -> None:
        answer = module.lambda_handler(json.loads(sent), context)
        json.dumps(answer, ensure_ascii=False).encode()
        assert answer.get("statusCode", 200) == 200, answer["body"][:500]

    return call


if __name__ == "__main__":
    main(sys.argv[1])

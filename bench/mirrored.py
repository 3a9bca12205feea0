"""`python -m bench.mirrored`: what a caller pays for the copy of a call.

Side by side in one run: predict's handler over a provider that takes 20 ms, without a candidate,
with one that each call is also sent to, and with one while Lambda takes the copies and never
replies. Rounds of calls alternate between the three. Prints a table and a line of JSON: medians
over the rounds of each round's CPU by call, median and 99th percentile. On a machine with few cores
the other side's work is in the wall time; of the CPU it is not.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from botocore.credentials import Credentials

from bench.prediction_world import printed_port, process
from bench.upstream import ROW_BYTES
from functions.common.deadline import Deadline
from functions.common.deployments.agreement import ComparedCandidate
from functions.common.deployments.record import Deployment
from functions.common.providers.base import Predictions
from functions.common.signatures.body import RequestBody
from functions.predict import handler
from functions.predict.bootstrap import PredictPorts, bootstrap
from functions.predict.mirroring.lambda_events import LambdaEvents
from functions.predict.settings import PredictSettings
from tests.builders import a_live_deployment
from tests.events import LambdaContext, event
from tests.fakes.call_counts import FakeCallCountStore
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.leases import FakeLeaseStore
from tests.fakes.wait_counts import FakeWaitCounts

ROUNDS, CALLS = 15, 100
PROVIDER_S = 0.02
SIZES = {"1 kB": 1_000, "100 kB": 100_000}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:Mirror:live"
WITHOUT, WITH, SILENT = "no candidate", "each call copied", "copied, Lambda silent"
_FOR_EVER = 4_000_000_000


class SleepingInference:
    """Answers after `PROVIDER_S`."""

    def healthy(self, _endpoint: object) -> bool:
        return True

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        del body, deadline, request_id
        time.sleep(PROVIDER_S)
        return Predictions([0.25] * 10, deployment.id)


def a_function(address: str | None) -> Any:
    """Return predict on fakes; each call is copied to Lambda at *address*, None: to nobody."""
    live = a_live_deployment()
    store = FakeDeploymentStore(live)
    if address:
        candidate = ComparedCandidate(id="d2", calls_per_1000=1_000, until=_FOR_EVER)
        store.name_candidate(live, candidate)
    credentials = Credentials("AKIDEXAMPLE", "secret", "token")
    made = PredictPorts(
        deployments=store,
        inference=SleepingInference(),
        circuit_states=FakeCircuitStateStore(),
        leases=FakeLeaseStore(),
        call_counts=FakeCallCountStore(),
        wait_counts=FakeWaitCounts(),
        request_reconciliation=lambda _model: None,
        make_mirror=partial(LambdaEvents, ARN, lambda: credentials, endpoint_url=address or ""),
    )
    settings = PredictSettings(table_name="t", state_table_name="s", reconcile_function="r")
    return bootstrap(made, settings, logger=handler.logger, metrics_per_model=False)


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of a round's calls, and the process's CPU milliseconds of one."""

    took_ms: list[float]
    cpu_ms: float


def a_round(function: Any, body: str) -> Round:
    """Make a round of calls."""
    setattr(handler, "predict_function", lambda: function)  # noqa: B010 - not its own name
    sent, context, took_ms = event("predict", body=body), LambdaContext(), []
    before_s = time.process_time()
    for _ in range(CALLS):
        began = time.perf_counter()
        answer = handler.lambda_handler(sent, context)
        took_ms.append((time.perf_counter() - began) * 1_000)
        assert answer["statusCode"] == 200, answer["body"]
    return Round(took_ms, (time.process_time() - before_s) * 1_000 / CALLS)


def figures(rounds: list[Round]) -> dict[str, float]:
    """Return the medians over the rounds."""
    quantiles = [statistics.quantiles(each.took_ms, n=100, method="inclusive") for each in rounds]
    return {
        "cpu_ms": round(statistics.median(each.cpu_ms for each in rounds), 2),
        "p50_ms": round(statistics.median(each[49] for each in quantiles), 2),
        "p99_ms": round(statistics.median(each[98] for each in quantiles), 2),
    }


def measure(functions: Mapping[str, Any], body: str) -> dict[str, dict[str, float]]:
    """Make rounds of calls in turn; return the figures."""
    rounds: dict[str, list[Round]] = {name: [] for name in functions}
    for function in functions.values():
        a_round(function, body)
    for _ in range(ROUNDS):
        for name, function in functions.items():
            rounds[name].append(a_round(function, body))
    return {name: figures(each) for name, each in rounds.items()}


def contenders(stack: ExitStack, folder: Path) -> dict[str, Any]:
    """Start what is called, until *stack* ends; return the functions by name."""
    made = {WITHOUT: a_function(None)}
    for name, argument in ((WITH, "soon"), (SILENT, "never")):
        (folder / argument).mkdir()
        running, log = stack.enter_context(
            process("bench.silent_lambda", argument, environment={}, folder=folder / argument)
        )
        made[name] = a_function(f"http://127.0.0.1:{printed_port(running, log)}")
    return made


def main() -> None:
    """Measure bodies of two sizes."""
    out = os.fdopen(os.dup(1), "w")
    # Lines of the log are written as in Lambda, and thrown away.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        functions = contenders(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        for size, body_bytes in SIZES.items():
            body = json.dumps({"inputs": [[5.1, 3.5, 1.4, 0.2]] * (body_bytes // ROW_BYTES)})
            results[size] = measure(functions, body)
            for name, row in results[size].items():
                cells = "".join(f"{row[each]:>8.2f}" for each in ("cpu_ms", "p50_ms", "p99_ms"))
                print(f"{size:<8}{name:<24}{cells}", file=out, flush=True)
    print(json.dumps({"bench": "mirrored", "rounds": ROUNDS, "cases": results}), file=out)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())

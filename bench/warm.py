"""`python -m bench.warm`: the cost of a warm prediction beside that of the bare call.

Side by side in one run, over one upstream on loopback: a bare call by httpx, our Lambda handler
with everything on (MiniStack holds its tables and its secret), and a FastAPI service that does the
same job. Rounds of calls alternate between the three. Prints a table and a line of JSON: wall time
is the median over all calls; CPU is the median over the rounds, user and system time of the process
that does the job.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.prediction_world import VARIABLES, aws, fill, printed_port, process
from bench.warm_cases import CASES
from infra.function_spec import LARGE_BODIES
from infra.local.parts import free_port
from infra.local.processes import wait_until_answering

ROUNDS = 7
NAMES = ("bare", "handler", "fastapi")


class Contender:
    """A worker, and the durations of its calls."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.warm_worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.name = name
        self.answer_bytes = 0
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []

    def warm_up(self, case: str) -> None:
        """Make connections, and fill caches."""
        self._order(case, max(3, CASES[case].calls // 4))
        self.wall_ms, self.cpu_ms = [], []

    def run(self, case: str) -> None:
        """Make one round of calls."""
        measured = self._order(case, CASES[case].calls)
        self.wall_ms += measured["wall_ms"]
        self.cpu_ms.append(measured["cpu_ms"])
        self.answer_bytes = measured["answer_bytes"]

    def figures(self) -> dict[str, float]:
        """Return the medians."""
        quantiles = statistics.quantiles(self.wall_ms, n=100, method="inclusive")
        figures = {
            "cpu_ms": statistics.median(self.cpu_ms),
            "p50_ms": quantiles[49],
            "p99_ms": quantiles[98],
        }
        return {name: round(value, 3) for name, value in figures.items()}

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)

    def _order(self, case: str, calls: int) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"case": case, "calls": calls}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def contenders(stack: ExitStack, folder: Path) -> list[Contender]:
    """Start all that is measured, and what it calls, until *stack* ends."""
    os.environ.update(VARIABLES)
    aws_url = stack.enter_context(aws(folder))
    upstream, log = stack.enter_context(process("bench.upstream", environment={}, folder=folder))
    upstream_url = f"http://127.0.0.1:{printed_port(upstream, log)}"
    environment = {"AWS_ENDPOINT_URL": aws_url, "UPSTREAM_URL": upstream_url}
    fill(aws_url, upstream_url)
    port = free_port()
    service, log = stack.enter_context(
        process("bench.fastapi_service", str(port), environment=environment, folder=folder)
    )
    environment |= {"SERVICE_URL": f"http://127.0.0.1:{port}", "SERVICE_PID": str(service.pid)}
    wait_until_answering(service, f"{environment['SERVICE_URL']}/openapi.json", log=log)
    ours = {"handler": environment | LARGE_BODIES}
    found = [Contender(name, ours.get(name, environment)) for name in NAMES]
    for contender in found:
        stack.callback(contender.close)
    return found


def measure(case: str, measured: list[Contender]) -> dict[str, Any]:
    """Make rounds of calls in turn; return the figures."""
    for contender in measured:
        contender.warm_up(case)
    for _ in range(ROUNDS):
        for contender in measured:
            contender.run(case)
    figures = {each.name: each.figures() for each in measured}
    handler_ms = figures["handler"]["cpu_ms"]
    return {
        "body_bytes": len(CASES[case].body().encode()),
        "answer_bytes": measured[0].answer_bytes,
        **figures,
        "to_bare": round(handler_ms / figures["bare"]["cpu_ms"], 2),
        "to_fastapi": round(handler_ms / figures["fastapi"]["cpu_ms"], 3),
    }


def main(chosen: list[str]) -> None:
    """Measure the cases whose names contain one of *chosen*, or all."""
    cases = [name for name in CASES if not chosen or any(each in name for each in chosen)]
    print(f"{'':<28}{'CPU ms':^27}{'handler to':^17}{'wall ms, median':^27}")
    print(f"{'':<28}" + "".join(f"{name:>9}" for name in (*NAMES, "bare", "fastapi", *NAMES)))
    results = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        measured = contenders(stack, folder)
        for case in cases:
            results[case] = row = measure(case, measured)
            cpu = "".join(f"{row[name]['cpu_ms']:>9.3f}" for name in NAMES)
            wall = "".join(f"{row[name]['p50_ms']:>9.2f}" for name in NAMES)
            ratios = f"{row['to_bare']:>9.2f}{row['to_fastapi']:>9.3f}"
            print(f"{case:<28}{cpu}{ratios}{wall}", flush=True)
    print(json.dumps({"bench": "warm", "rounds": ROUNDS, "cases": results}))


if __name__ == "__main__":
    main(sys.argv[1:])

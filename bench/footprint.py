"""`python -m bench.footprint`: bytes that a call logs, and the most memory that a function holds.

Our handlers in processes of their own, over MiniStack, the stand-in of auth.hokus.ai and a least
endpoint, called as in `bench.warm`. Logged bytes are those that a warm call of 1 kB writes to its
standard output, which Lambda passes on to CloudWatch as they are. Memory is the resident set of the
process, its interpreter and the event's JSON included. Prints a table and a line of JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.footprint_worker import CASES, KEY
from bench.prediction_world import VARIABLES, aws, fill, printed_port, process
from infra.function_spec import LARGE_BODIES
from infra.local.parts import auth, free_port
from infra.local.processes import stop


def main(chosen: list[str]) -> None:
    """Measure the cases whose names contain one of *chosen*, or all."""
    cases = [name for name in CASES if not chosen or any(each in name for each in chosen)]
    results: dict[str, Any] = {}
    print(f"{'':<34}{'peak MiB':>10}{'logged bytes':>14}{'events':>8}{'CPU ms':>8}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = _world(stack, folder)
        for case in cases:
            results[case] = row = _measured(case, environment)
            print(
                f"{case:<34}{row['peak_mib']:>10}{row['log_bytes']:>14,.0f}"
                f"{row['log_events']:>8.1f}{row['cpu_ms']:>8.2f}",
                flush=True,
            )
    print(json.dumps({"bench": "footprint", "cases": results}))


def _world(stack: ExitStack, folder: Path) -> dict[str, str]:
    """Start what the functions call; return their environment variables."""
    os.environ.update(VARIABLES)
    aws_url = stack.enter_context(aws(folder))
    upstream, log = stack.enter_context(process("bench.upstream", environment={}, folder=folder))
    upstream_url = f"http://127.0.0.1:{printed_port(upstream, log)}"
    fill(aws_url, upstream_url)
    part = auth(free_port(), folder, api_key=KEY)
    running = part.start()
    stack.callback(stop, [running])
    part.wait_until_ready(running)
    return {**os.environ, "AWS_ENDPOINT_URL": aws_url, "AUTH_URL": part.url}


def _measured(case: str, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.footprint_worker", case]
    if case.startswith("predict"):
        environment = environment | LARGE_BODIES
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(ended.stdout))


if __name__ == "__main__":
    main(sys.argv[1:])

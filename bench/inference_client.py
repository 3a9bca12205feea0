"""`python -m bench.inference_client`: the provider client beside the bare httpx call.

In one process and by turns, over one upstream on loopback. The bare call leaves the answer's JSON
unread; `httpx + JSON` reads it, as the client must. CPU is that of the calling thread.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from jiter import from_json

from bench.upstream import DEPLOYMENT_ID, PACKAGE, ROW, ROW_BYTES
from functions.common.deadline import Deadline
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.signatures.body import RequestBody
from tests.builders import a_live_deployment

SIZES = {200: 3_000, 100_000: 600, 5_000_000: 40}
"""Bytes of the body, and how many calls are made of it with each."""


@contextmanager
def upstream() -> Iterator[str]:
    """Run the upstream; yield its URL."""
    command = [sys.executable, "-m", "bench.upstream"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    finally:
        process.kill()
        process.wait()


def callers(url: str, http: httpx.Client) -> dict[str, Callable[[bytes], object]]:
    """Return the callers that are compared, by name."""
    headers = {"Authorization": "Bearer hf_bench", "Content-Type": "application/json"}
    client = HuggingFaceInference(endpoint_domain="127.0.0.1", token=lambda: "hf_bench")
    deployment = a_live_deployment(
        endpoint_url=url, adopted_from=DEPLOYMENT_ID, package_digest=PACKAGE, runtime="container"
    )

    def bare(body: bytes) -> bytes:
        return http.post(url, content=body, headers=headers, timeout=25).content

    def invoke(content: bytes) -> Predictions:
        # A packaged model's body is sent as it came; nothing reads its parsed value.
        body = RequestBody(content, {})
        return client.invoke(deployment, body, deadline=Deadline.after(25))

    return {
        "httpx": bare,
        "httpx + JSON": lambda body: from_json(bare(body)),
        "invoke": invoke,
    }


def measured(call: Callable[[bytes], object], body: bytes) -> tuple[float, float]:
    """Return wall and CPU time in ms."""
    wall_s, cpu_s = time.perf_counter(), time.thread_time()
    call(body)
    return (time.perf_counter() - wall_s) * 1_000, (time.thread_time() - cpu_s) * 1_000


def main() -> None:
    """Print a table."""
    print(f"{'bytes':>9}  {'caller':<13} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}")
    with upstream() as url, httpx.Client() as http:
        compared = callers(url, http)
        for size, calls in SIZES.items():
            body = b'{"inputs":[%b]}' % (ROW * ((size - 13) // ROW_BYTES))[:-1].encode()
            taken: dict[str, list[tuple[float, float]]] = {name: [] for name in compared}
            for turn in range(calls + calls // 10):
                for name, caller in compared.items():
                    times = measured(caller, body)
                    if turn >= calls // 10:
                        taken[name].append(times)
            for name, measurements in taken.items():
                wall = sorted(each for each, _cpu in measurements)
                cpu = statistics.fmean(each for _wall, each in measurements)
                p50, p99 = statistics.median(wall), wall[int(len(wall) * 0.99)]
                print(f"{size:>9}  {name:<13} {p50:>8.3f} {p99:>8.3f} {cpu:>8.3f}")


if __name__ == "__main__":
    main()

"""`python -m bench [names]`: runs benches in turn; each prints one table and one line of JSON.

With `--record`, the line is kept in bench/figures with the machine and its load, for `bench.costs`
and docs/performance.md.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parent / "figures"
BENCHES = {
    "cold": "CPU seconds of every function's first call, beside naive handlers",
    "warm": "a warm prediction beside bare httpx and FastAPI, 200 B to 4 MB",
    "footprint": "bytes logged by a call, and the most memory that a function holds",
    "mirrored": "what a caller pays for the copy of a call that is compared",
    "scale": "100 and 1,000 execution environments in virtual time",
    "deployments": "what a deployment asks for and costs",
    "reconcile": "a reconciliation of 1,000 models with 20,000 old records",
    "live": "registration to live on the local system, ours and the provider's",
}


def main() -> int:
    """Run the benches that are named, or all; return the number of those that failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHES)}; none: all")
    parser.add_argument("--record", action="store_true", help="keep the figures in bench/figures")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}")
    failed = 0
    for name in arguments.names or BENCHES:
        print(f"\n== {name}: {BENCHES[name]}", flush=True)
        line = _last_line(name)
        failed += line is None
        if line and arguments.record:
            record(name, json.loads(line))
    return failed


def record(name: str, figures: dict[str, Any]) -> None:
    """Keep *figures* with the machine that they are of."""
    FIGURES.mkdir(exist_ok=True)
    kept = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), **figures}
    (FIGURES / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Return the machine's cores, kind of CPU, and load over the last quarter of an hour."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("model name\t: ")[2]
    return {
        "cores": os.cpu_count(),
        "cpu": cpu.partition("\n")[0],
        "load": round(os.getloadavg()[2], 1),
    }


def _last_line(name: str) -> str | None:
    """Run the bench, showing its lines; return the last one, or None if it failed."""
    command = [sys.executable, "-m", f"bench.{name}"]
    line = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        for line in running.stdout:
            print(line, end="", flush=True)
    return line if running.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())

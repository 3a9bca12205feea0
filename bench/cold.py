"""`python -m bench.cold`: CPU seconds of every function's cold start, beside naive handlers.

Each measurement is the import and the first call in a fresh interpreter that sees one bundle alone,
built as for Lambda but for this machine; `restored` is the first call after SnapStart, for which a
fork stands. The start of the interpreter is not counted. Rounds alternate; medians.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import cold_world
from infra.bundling import build
from infra.functions import AUTHORIZER, DESCRIBE, FUNCTIONS, MLFLOW_HOOK, OPERATE, PREDICT
from infra.packages import ROOT, compile_all
from infra.snapshots import AWAITED
from infra.workflow_tasks import TASKS
from tests.events import event

NAIVE = {"predict": PREDICT, "authorizer": AUTHORIZER}
"""Naive handlers, each with the function that it is compared with."""
EVENTS: dict[str, Callable[[], dict[str, Any]]] = {
    PREDICT.handler: cold_world.prediction,
    AUTHORIZER.handler: lambda: event("authorizer"),
    DESCRIBE.handler: lambda: event("describe"),
    OPERATE.handler: cold_world.operation,
    MLFLOW_HOOK.handler: cold_world.delivery,
    **{
        TASKS[name].handler: cold_world.task
        for name in ("validate", "package", "create", "check", "verify", "activate")
    },
}
"""First event of each function. Those that always ask the provider are left out."""
LAZY = {
    TASKS["validate"].handler: ("functions.provision.registry.mlflow_registry",),
    TASKS["package"].handler: (
        "functions.provision.registry.mlflow_registry",
        "functions.common.providers.huggingface.publishing",
    ),
}
"""Modules that a task imports when it goes on."""


@dataclass(slots=True, kw_only=True)
class Contender:
    """A function in its bundle, and what was measured, in seconds."""

    name: str
    bundle: Path
    handler: str
    event: Callable[[], dict[str, Any]]
    restored: bool
    import_s: list[float] = field(default_factory=list)
    call_s: list[float] = field(default_factory=list)

    def run(self, environment: dict[str, str]) -> None:
        """Make one cold start."""
        order = {
            "handler": self.handler,
            "event": self.event(),
            "imports": LAZY.get(self.handler, ()),
            "restored": self.restored,
        }
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-B", str(ROOT / "bench/cold_call.py"), str(self.bundle)],
            input=json.dumps(order),
            # Without it Powertools' tracer does nothing.
            env={**environment, "LAMBDA_TASK_ROOT": str(self.bundle)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{self.name}: {ended.stderr}"
        measured = json.loads(ended.stdout)
        self.import_s.append(measured["import_s"])
        self.call_s.append(measured["call_s"])

    def figures(self) -> dict[str, float]:
        """Return the medians."""
        sums = map(sum, zip(self.import_s, self.call_s, strict=True))
        return {
            "import_s": round(statistics.median(self.import_s), 4),
            "call_s": round(statistics.median(self.call_s), 4),
            "total_s": round(statistics.median(sums), 4),
        }


def contenders(folder: Path, names: list[str]) -> list[Contender]:
    """Build the bundles in *folder*; return the functions, some of them twice."""
    found = []
    for spec in FUNCTIONS:
        if spec.handler not in EVENTS or (names and spec.name not in names):
            continue
        bundle = folder / f"{spec.bundle.group}-{spec.bundle.folder}"
        if not bundle.exists():
            bundle.mkdir()
            build(spec.bundle, bundle, platform=None)
        ways = (False, True) if spec in AWAITED else (False,)
        found += [
            Contender(
                name=spec.name,
                bundle=bundle,
                handler=spec.handler,
                event=EVENTS[spec.handler],
                restored=restored,
            )
            for restored in ways
        ]
    return found


def naive_contenders(folder: Path) -> list[Contender]:
    """Install the naive handlers' packages plainly in *folder*, with byte code."""
    lock = ROOT / "requirements/naive.txt"
    command = ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes"]
    command += ["--target", str(folder), "--requirements", str(lock)]
    subprocess.run(command, check=True)
    package = folder / "bench/naive"
    package.mkdir(parents=True)
    (folder / "bench/__init__.py").touch()
    for file in (ROOT / "bench/naive").glob("*.py"):
        (package / file.name).write_bytes(file.read_bytes())
    compile_all(folder, base=folder)
    return [
        Contender(
            name=f"Naive{name.capitalize()}",
            bundle=folder,
            handler=f"bench.naive.{name}.lambda_handler",
            event=EVENTS[ours.handler],
            restored=restored,
        )
        for name, ours in NAIVE.items()
        for restored in (False, True)
    ]


def report(measured: list[Contender], rounds: int) -> dict[str, Any]:
    """Print a table; return the figures by function."""
    figures: dict[str, Any] = {}
    print(f"CPU seconds, medians of {rounds} rounds\n")
    print(
        f"{'':<18}{'import':>8}{'first call':>12}{'together':>10}{'restored':>10}{'to naive':>10}"
    )
    for each in measured:
        if each.restored:
            figures[each.name]["restored_s"] = each.figures()["call_s"]
        else:
            figures[each.name] = each.figures()
    for name in {*map(str.capitalize, NAIVE)} & figures.keys():
        naive = figures[f"Naive{name}"]["total_s"]
        figures[name]["to_naive"] = round(figures[name]["total_s"] / naive, 3)
    for name, row in figures.items():
        restored, ratio = row.get("restored_s"), row.get("to_naive")
        print(
            f"{name:<18}{row['import_s']:>8.3f}{row['call_s']:>12.3f}{row['total_s']:>10.3f}"
            f"{'' if restored is None else f'{restored:.3f}':>10}"
            f"{'' if ratio is None else f'{ratio:.2f}':>10}"
        )
    return figures


def main() -> None:
    """Measure; print a table and a line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold")
    parser.add_argument("names", nargs="*", help="functions, e.g. Predict; none: all")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = contenders(folder, arguments.names)
        (folder / "naive").mkdir()
        measured += naive_contenders(folder / "naive")
        with cold_world.world(folder) as variables:
            environment = {**variables, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
            # The first round warms the system's caches of files.
            for each in measured:
                each.run(environment)
                each.import_s, each.call_s = [], []
            for _ in range(arguments.rounds):
                for each in measured:
                    each.run(environment)
        figures = report(measured, arguments.rounds)
        print(json.dumps({"bench": "cold", "rounds": arguments.rounds, "functions": figures}))


if __name__ == "__main__":
    main()

"""`python -m bench.reconcile`: what a reconciliation of 1,000 models asks for and costs.

The real reconciler, over a table in memory whose request units are counted, with a registry and a
provider in memory: as all is well, with 20,000 settled records more, and with ten things wrong. CPU
is that of the reconciler on this machine, meters included; `bench.deployments` counts what its
changes lead to. Takes a minute.
"""

import gc
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from bench import aws_prices, fleet, mlflow_calls
from bench.deployments import COLD_CPU_S, memory_of
from bench.metered_world import MeteredWorld
from bench.metering import Tally
from functions.common.deployments.policy import DeployPolicy
from functions.provision.reconciliation.report import Report
from infra.constructs.workflow_limits import RECONCILING
from infra.environments import PRODUCTION
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition

MODELS = 1_000
OLD_DEPLOYMENTS = 20
"""Settled deployments of each model."""
A_PAGE_OF_ENDPOINTS = 100
"""Page size of `HuggingFaceControl.tagged`."""
A_REQUEST_S = 0.3
"""Assumed seconds of a page of MLflow's or Hugging Face's lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One reconciliation of all models; *mlflow* and *provider* are requests."""

    report: Report
    tally: Tally
    cpu_s: float
    mlflow: int
    provider: int

    @property
    def figures(self) -> dict[str, Any]:
        changes = Counter(each["change"] for each in self.report.changes)
        return {
            "changes": dict(changes),
            "reads": self.tally.reads,
            "pages": self.tally.pages,
            "writes": self.tally.writes + self.tally.index_writes,
            "mlflow": self.mlflow,
            "provider": self.provider,
            "cpu_s": round(self.cpu_s, 2),
        }


def main(models: int = MODELS) -> None:
    """Print the table, and what a month costs."""
    asked = mlflow_calls.measured()
    logging.disable(logging.CRITICAL)
    world = MeteredWorld(definition(template_of("production")), DeployPolicy())
    began = time.process_time()
    fleet.fill(world, models)
    world.reconciler.run()
    runs = {f"{models:,} models": _run(world, asked, models)}
    fleet.add_history(world, models, deployments=OLD_DEPLOYMENTS)
    filled_s = time.process_time() - began
    runs[f"{models * OLD_DEPLOYMENTS:,} old deployments more"] = _run(world, asked, models)
    fleet.break_ten(world)
    runs["10 things wrong"] = _run(world, asked, models)
    _print(runs)
    month = _month(next(iter(runs.values())))
    print(f"\na month, one every {PRODUCTION.reconcile_every_min} minutes, US dollars:")
    for service, usd in month.items():
        print(f"{service:<32}{usd:>10.2f}")
    print(f"(the fleet took {filled_s:.0f} s of CPU to make)")
    figures = {name: run.figures for name, run in runs.items()}
    print(json.dumps({"bench": "reconcile", "runs": figures, "month_usd": month}))


def _run(world: MeteredWorld, asked: Mapping[str, mlflow_calls.Requests], models: int) -> Run:
    gc.collect()
    began = time.process_time()
    with world.ledger.opened() as tally:
        report = world.reconciler.run()
    cpu_s = time.process_time() - began
    assert report.failed == 0
    versions = models * fleet.VERSIONS
    calls = tally.of_port("provider")
    pages = ceil(report.endpoints / A_PAGE_OF_ENDPOINTS)
    return Run(
        report=report,
        tally=tally,
        cpu_s=cpu_s,
        mlflow=mlflow_calls.requests_in(tally, asked, models=models, versions=versions),
        provider=calls.total() + calls["tagged"] * (pages - 1),
    )


def _month(quiet: Run) -> dict[str, float]:
    """Return what runs with nothing to change cost, by service, in US dollars."""
    runs = aws_prices.HOURS_A_MONTH * 60 / PRODUCTION.reconcile_every_min
    memory_mib, wait_s = memory_of(RECONCILING), A_REQUEST_S * (quiet.mlflow + quiet.provider)
    cpu_s = COLD_CPU_S[RECONCILING] + quiet.cpu_s
    seconds = aws_prices.duration_s(cpu_s, memory_mib, wait_s=wait_s)
    reads = aws_prices.request_units(quiet.tally.reads, 0)
    costs = {"Lambda": aws_prices.invocation(seconds, memory_mib), "DynamoDB": reads}
    return {service: round(runs * usd, 2) for service, usd in costs.items()}


def _print(runs: Mapping[str, Run]) -> None:
    names = ("changes", "reads", "pages", "writes", "mlflow", "provider", "cpu_s")
    print(f"{'reconciliation of all':<32}{''.join(f'{each:>10}' for each in names)}")
    for name, run in runs.items():
        row = run.figures | {"changes": len(run.report.changes)}
        print(f"{name:<32}{''.join(f'{row[each]:>10,}' for each in names)}")
    for name, run in runs.items():
        if changes := run.figures["changes"]:
            print(f"{name}: {', '.join(f'{count} {kind}' for kind, count in changes.items())}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

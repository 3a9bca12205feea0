"""`python -m bench.control_plane`: what deployments and reconciliations ask for and cost.

The real use cases and the state machine of the production template run in the simulated world on
moto's DynamoDB; `metering` says how request units are counted, `mlflow_calls` how requests to
MLflow are. Takes four minutes. docs/costs.md has the figures.
"""

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from moto import mock_aws

from bench import fleet, mlflow_calls
from bench.metered_world import TABLE, MemoryWorld, MeteredWorld
from bench.metering import KIB, Tally
from bench.mlflow_calls import Requests
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.item_size import item_size
from functions.common.deployments.items import deployment_item
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment, Status
from functions.provision.reconciliation.report import Report
from infra.constructs.workflow_limits import RECONCILING
from infra.environments import PRODUCTION
from infra.functions import MLFLOW_HOOK, RECONCILE, TASKS
from tests.fakes.provider.endpoints import STARTUP, Quality
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition
from tests.simulation.execution import Json
from tests.simulation.expected import ALIAS
from tests.simulation.world import World

MODEL = "demand-forecast"
MODELS = 1_000
OLD_DEPLOYMENTS = 20
"""Settled deployments of each model."""
A_PAGE_OF_ENDPOINTS = 100
"""Page size of `HuggingFaceControl.tagged`."""

USD_PER_TRANSITION = 0.000025
"""Standard workflows, us-east-1. Source, as of 2026-11: https://aws.amazon.com/step-functions/pricing/"""
USD_PER_GB_SECOND = 0.0000133334
"""arm64, us-east-1; since 2025-08-01 the start of a cold one is billed like the rest. Source, as of
2026-11: https://aws.amazon.com/lambda/pricing/"""
USD_PER_INVOCATION = 0.20 / 1e6
"""As above."""
USD_PER_READ_UNIT = 0.125 / 1e6
"""On demand, us-east-1, since 2024-11-01. Source, as of 2026-11:
https://aws.amazon.com/dynamodb/pricing/on-demand/"""
USD_PER_WRITE_UNIT = 0.625 / 1e6
"""As above."""
USD_PER_ENDPOINT_HOUR = 0.033
"""x1. Source: https://huggingface.co/docs/inference-endpoints/support/pricing (2026-05-19)."""
HOURS_A_MONTH = 730

COLD_S: Mapping[str, float] = {"validate": 6, "package": 20, "reconcile": 6}
"""Assumed seconds of a deployment's first invocation of a task, its start included: with mlflow's
import, and for a model of 10 MB."""
OTHERS_COLD_S = 1.5
WARM_S = 0.3
WHOLE_RECONCILIATION_S = 20
"""Assumed: a second of a vCPU's work (see the figures), a Lambda of 1,024 MiB having 0.6 of one,
20 pages of the table, 3 of MLflow, 10 of Hugging Face, and a cold start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Requests of one deployment.

    Attributes:
        cost_usd: At AWS, by what is paid for.
    """

    name: str
    transitions: int
    tally: Tally
    mlflow: int
    cost_usd: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class History:
    """A deployment with what leads to it.

    Attributes:
        versions_before: How many versions have gone live.
        happens: What people do then.
        ends: The new deployment's status at last.
    """

    name: str
    policy: DeployPolicy
    versions_before: int
    happens: Callable[[World], None]
    ends: Status


def main() -> None:
    """Print the tables."""
    asked = mlflow_calls.measured()
    logging.disable(logging.CRITICAL)
    machine = definition(template_of("production"))
    deployments = [_deployment(machine, asked, each) for each in _HISTORIES]
    _print_mlflow(asked)
    _print_deployments(deployments)
    _print_invocations(deployments)
    _print_costs(deployments)
    _reconciliations(machine, asked)
    _print_endpoints()


def _goes_live(world: World) -> None:
    _register(world, Quality.GOOD)


def _another(quality: Quality) -> Callable[[World], None]:
    return lambda world: _register(world, quality)


def _rolls_back(world: World) -> None:
    world.move_alias(MODEL, "1")
    _deliver_all(world)


def _register(world: World, quality: Quality) -> None:
    """Request the new version, by its alias or by its registration."""
    world.register(MODEL, quality, opt_out=False)
    if world.policy.alias:
        found = world.registry.model(MODEL)
        assert found
        world.move_alias(MODEL, found.versions[-1].version)
    _deliver_all(world)


def _deliver_all(world: World) -> None:
    while world.outbox:
        world.deliver(0)


_NEWEST, _BY_ALIAS = DeployPolicy(), DeployPolicy(ALIAS)
_HISTORIES = (
    History("a first version goes live", _NEWEST, 0, _goes_live, Status.DEPLOYED),
    History("a version is replaced", _NEWEST, 1, _another(Quality.GOOD), Status.DEPLOYED),
    History("rollback by adoption", _BY_ALIAS, 2, _rolls_back, Status.DEPLOYED),
    History("fails at validate", _NEWEST, 1, _another(Quality.INCOMPATIBLE), Status.FAILED),
    History("fails at verify", _NEWEST, 1, _another(Quality.REJECTS), Status.FAILED),
)
"""Rolling back is moving the alias back while the replaced endpoint still stands."""


def _deployment(machine: Json, asked: Mapping[str, Requests], history: History) -> Figures:
    with mock_aws():
        world = MeteredWorld(machine, history.policy)
        for _ in range(history.versions_before):
            _register(world, Quality.GOOD)
            world.settle_for(timedelta(seconds=PRODUCTION.retire_after_s / 2))
        known = set(world.store.deployments)
        world.charges.clear()
        history.happens(world)
        world.settle()
        (made,) = (each for each in world.store.deployments.values() if each.id not in known)
        assert made.status is history.ends, made
        assert made in DynamoDeploymentStore(world.client, TABLE).state(MODEL).deployments
        return _figures(history.name, world, made, asked)


def _figures(
    name: str, world: MeteredWorld, made: Deployment, asked: Mapping[str, Requests]
) -> Figures:
    """Return the tally of its execution and of the webhooks before and after it."""
    execution = world.workflow.executions[made.execution_arn or ""]
    tally = Tally()
    for charge in world.charges:
        if charge.label == execution.name or charge.task == "mlflow_hook":
            tally.add(charge.tally)
    tally.lambdas["mlflow_hook"] += tally.tag_writes
    versions = int(made.model_version)
    return Figures(
        name=name,
        transitions=execution.transitions,
        tally=tally,
        mlflow=mlflow_calls.requests_in(tally, asked, models=1, versions=versions),
        cost_usd={
            "Step Functions": execution.transitions * USD_PER_TRANSITION,
            "Lambda": sum(_lambda_usd(task, count) for task, count in tally.lambdas.items()),
            "DynamoDB": _dynamodb_usd(tally),
        },
    )


def _lambda_usd(task: str, invocations: int) -> float:
    """The first one cold, the others warm."""
    seconds = COLD_S.get(task, OTHERS_COLD_S) + (invocations - 1) * WARM_S
    return seconds * _memory_gb(task) * USD_PER_GB_SECOND + invocations * USD_PER_INVOCATION


def _memory_gb(task: str) -> float:
    specs = {**TASKS, RECONCILING: RECONCILE, "mlflow_hook": MLFLOW_HOOK}
    return specs[task].size_in(PRODUCTION).memory_mib / KIB


def _dynamodb_usd(tally: Tally) -> float:
    return tally.reads * USD_PER_READ_UNIT + tally.writes * USD_PER_WRITE_UNIT


def _print_mlflow(asked: Mapping[str, Requests]) -> None:
    print(f"{'a question to MLflow':<28}{'API':>6}{'files':>8}")
    for method, requests in asked.items():
        print(f"{method:<28}{requests.api:>6}{requests.files:>8}")


def _print_deployments(deployments: Iterable[Figures]) -> None:
    head = ("transitions", "Lambdas", "reads", "writes", "provider", "Hub", "MLflow")
    print(f"\n{'deployment':<28}{''.join(f'{each:>12}' for each in head)}")
    for each in deployments:
        tally = each.tally
        row = (
            each.transitions,
            tally.lambdas.total(),
            tally.reads,
            tally.writes,
            tally.of_port("provider").total(),
            tally.of_port("hub").total(),
            each.mlflow,
        )
        print(f"{each.name:<28}{''.join(f'{value:>12,}' for value in row)}")
    print(f"with an endpoint that starts in {STARTUP.total_seconds():.0f} s; reads and writes are")
    print("DynamoDB's request units")


def _print_invocations(deployments: Sequence[Figures]) -> None:
    tasks = list(dict.fromkeys(task for each in deployments for task in each.tally.lambdas))
    print(f"\n{'Lambda invocations':<28}{''.join(f'{task:>12}' for task in tasks)}")
    for each in deployments:
        counts = "".join(f"{each.tally.lambdas[task]:>12}" for task in tasks)
        print(f"{each.name:<28}{counts}")


def _print_costs(deployments: Sequence[Figures]) -> None:
    services = list(deployments[0].cost_usd)
    head = "".join(f"{service:>16}" for service in (*services, "in all"))
    print(f"\n{'US cents at AWS':<28}{head}")
    for each in deployments:
        costs = (*(each.cost_usd[service] for service in services), sum(each.cost_usd.values()))
        print(f"{each.name:<28}{''.join(f'{100 * cost:>16.4f}' for cost in costs)}")
    again = 3 * USD_PER_TRANSITION + 2 * USD_PER_READ_UNIT
    again += _lambda_usd("check", 2) - _lambda_usd("check", 1)
    print(f"{'each further look at one that starts':<76}{100 * again:>16.4f}")


def _reconciliations(machine: Json, asked: Mapping[str, Requests]) -> None:
    """Reconcile every model: with nothing to change, and with ten things wrong."""
    with mock_aws():
        world = MeteredWorld(machine, DeployPolicy())
        fleet.fill(world, MODELS)
        pages: list[Any] = list(
            world.client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        )
        world.reconciler.run()
        quiet = _reconciled(world)
        fleet.add_history(world, MODELS, deployments=OLD_DEPLOYMENTS)
        long_history = _reconciled(world)
        fleet.break_ten(world)
        ten = _reconciled(world)
    in_memory = MemoryWorld(machine, DeployPolicy())
    fleet.fill(in_memory, MODELS)
    quiet_s = _seconds(in_memory.reconciler.run)
    fleet.break_ten(in_memory)
    ten_s = _seconds(in_memory.reconciler.run)
    _print_reconciliations(
        {
            f"{MODELS:,} models": (*quiet, quiet_s),
            f"{MODELS * OLD_DEPLOYMENTS:,} old deployments": (*long_history, quiet_s),
            "10 things wrong": (*ten, ten_s),
        },
        asked,
    )
    ratio = long_history[1].reads / quiet[1].reads
    print(f"{MODELS * OLD_DEPLOYMENTS:,} old deployments cost {ratio:.2f} times the read units")
    _print_work(pages)
    _print_month(quiet[1])


def _reconciled(world: MeteredWorld) -> tuple[Report, Tally]:
    with world.ledger.opened() as tally:
        report = world.reconciler.run()
    assert report.failed == 0
    return report, tally


def _print_reconciliations(
    runs: Mapping[str, tuple[Report, Tally, float]], asked: Mapping[str, Requests]
) -> None:
    head = ("changes", "reads", "pages", "writes", "MLflow", "provider", "own work s")
    print(f"\n{'reconciliation of all':<28}{''.join(f'{each:>12}' for each in head)}")
    for name, (report, tally, seconds) in runs.items():
        requests = mlflow_calls.requests_in(
            tally, asked, models=MODELS, versions=MODELS * fleet.VERSIONS
        )
        row = (
            len(report.changes),
            tally.reads,
            tally.pages,
            tally.writes,
            requests,
            _provider_requests(tally, report.endpoints),
        )
        print(f"{name:<28}{''.join(f'{value:>12,}' for value in row)}{seconds:>12.2f}")
    for name, (report, _, _) in runs.items():
        kinds = Counter(each["change"] for each in report.changes)
        if kinds:
            print(f"{name}: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}")


def _provider_requests(tally: Tally, endpoints: int) -> int:
    calls = tally.of_port("provider")
    return calls.total() + calls["tagged"] * (ceil(endpoints / A_PAGE_OF_ENDPOINTS) - 1)


def _print_work(pages: Sequence[Any]) -> None:
    """Measure the making of records from DynamoDB's answers."""
    items = [item for page in pages for item in page["Items"]]
    sizes = [item_size(item) for item in items]
    store = DynamoDeploymentStore(_Answers(pages), TABLE)  # type: ignore[arg-type]  # its scan alone
    states: list[Any] = []
    seconds = _seconds(lambda: states.extend(store.states()))
    assert len(states) == MODELS
    live = next(state.live for state in states if state.live)
    print(f"the table: {len(items):,} items, {sum(sizes) / 1e6:.1f} MB in {len(pages)} pages; a")
    print(f"live record is {item_size(deployment_item(live)):,} bytes")
    print(f"records from the table's answers: {seconds:.2f} s")


class _Answers:
    """A client of DynamoDB that has answered already."""

    def __init__(self, pages: Sequence[Any]) -> None:
        self._pages = pages

    def get_paginator(self, _operation: str) -> "_Answers":
        return self

    def paginate(self, **_options: object) -> Sequence[Any]:
        return self._pages


def _seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _print_month(quiet: Tally) -> None:
    runs = HOURS_A_MONTH * 60 / PRODUCTION.reconcile_every_min
    lambda_usd = WHOLE_RECONCILIATION_S * _memory_gb(RECONCILING) * USD_PER_GB_SECOND
    costs = {"Lambda": runs * (lambda_usd + USD_PER_INVOCATION)}
    costs["DynamoDB"] = runs * _dynamodb_usd(quiet)
    print(f"\na month's {runs:,.0f} reconciliations of {MODELS:,} models at AWS, US dollars:")
    for service, cost in (*costs.items(), ("in all", sum(costs.values()))):
        print(f"{service:<28}{cost:>12.2f}")


def _print_endpoints() -> None:
    hour, window_s = USD_PER_ENDPOINT_HOUR, PRODUCTION.rollback_window_s
    wait_s = PRODUCTION.retire_after_s
    print("\nan endpoint (x1, one replica) at Hugging Face, US dollars:")
    print(f"{'a month':<28}{hour * HOURS_A_MONTH:>12.2f}")
    print(f"{f'{MODELS:,} of them, a month':<28}{MODELS * hour * HOURS_A_MONTH:>12,.2f}")
    print(f"{f'window of {window_s} s':<28}{hour * window_s / 3600:>12.4f}")
    print(f"{f'with its last users, {wait_s} s':<28}{hour * wait_s / 3600:>12.4f}")


if __name__ == "__main__":
    main()

"""`python -m bench.deployments`: what deployments ask for and cost.

The real use cases and the state machine of the production template run in the simulated world, over
a table in memory; `request_units` says how they are counted, `mlflow_calls` how requests to MLflow
are. An endpoint starts in 40 s.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench import aws_prices, mlflow_calls
from bench.metered_world import TABLE, MeteredWorld
from bench.metering import Tally
from bench.mlflow_calls import Requests
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment, Status
from infra.constructs.workflow_limits import RECONCILING
from infra.environments import PRODUCTION
from infra.functions import MLFLOW_HOOK, RECONCILE
from infra.workflow_tasks import TASKS
from tests.fakes.provider.endpoints import STARTUP, Quality
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition
from tests.simulation.execution import Json
from tests.simulation.expected import ALIAS
from tests.simulation.world import World

MODEL = "demand-forecast"

COLD_CPU_S: Mapping[str, float] = {
    "mlflow_hook": 0.4,
    "validate": 1.6,
    "package": 1.6,
    "create": 0.6,
    "check": 0.6,
    "verify": 0.4,
    "activate": 0.4,
    "bake": 0.4,
    "reconcile": 0.9,
    "retire": 0.5,
    "clean_up": 0.5,
}
"""CPU seconds of a first call with its imports, by `bench.live` on 2026-11-30; the last two by the
others."""
WARM_CPU_S = 0.05
"""As above, of a later call."""
WAIT_S: Mapping[str, float] = {"validate": 2.0, "package": 10.0, "verify": 1.0}
"""Assumed seconds of waiting for others; a model of 10 MB is published."""
OTHERS_WAIT_S = 0.25


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
    print(json.dumps({"bench": "deployments", "deployments": _rows(deployments)}))


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
    table = DynamoDeploymentStore(world.client, TABLE)  # type: ignore[arg-type]  # what is used of it
    assert made in table.state(MODEL).deployments
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
            "Step Functions": execution.transitions * aws_prices.STATE_TRANSITION,
            "Lambda": sum(_lambda_usd(task, count) for task, count in tally.lambdas.items()),
            "DynamoDB": aws_prices.request_units(tally.reads, tally.writes + tally.index_writes),
        },
    )


def _lambda_usd(task: str, invocations: int) -> float:
    """The first one cold, the others warm."""
    memory_mib, wait_s = memory_of(task), WAIT_S.get(task, OTHERS_WAIT_S)
    first, later = (
        aws_prices.duration_s(cpu_s, memory_mib, wait_s=wait_s)
        for cpu_s in (COLD_CPU_S[task], WARM_CPU_S)
    )
    usd = aws_prices.invocation(first, memory_mib)
    return usd + (invocations - 1) * aws_prices.invocation(later, memory_mib)


def memory_of(task: str) -> int:
    """Return the memory of a task, the hook or the reconciler, in MiB."""
    specs = {**TASKS, RECONCILING: RECONCILE, "mlflow_hook": MLFLOW_HOOK}
    return specs[task].size_in(PRODUCTION).memory_mib


def _print_mlflow(asked: Mapping[str, Requests]) -> None:
    print(f"{'a question to MLflow':<28}{'API':>6}{'files':>8}")
    for method, requests in asked.items():
        print(f"{method:<28}{requests.api:>6}{requests.files:>8}")


def _print_deployments(deployments: Iterable[Figures]) -> None:
    head = ("transitions", "Lambdas", "reads", "writes", "of indexes", "provider", "Hub", "MLflow")
    print(f"\n{'deployment':<28}{''.join(f'{each:>12}' for each in head)}")
    for each in deployments:
        tally = each.tally
        row = (
            each.transitions,
            tally.lambdas.total(),
            tally.reads,
            tally.writes,
            tally.index_writes,
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
    again = 3 * aws_prices.STATE_TRANSITION + aws_prices.request_units(2, 0)
    again += _lambda_usd("check", 2) - _lambda_usd("check", 1)
    print(f"{'each further look at one that starts':<76}{100 * again:>16.4f}")


def _rows(deployments: Iterable[Figures]) -> dict[str, Any]:
    return {
        each.name: {
            "transitions": each.transitions,
            "lambdas": dict(each.tally.lambdas),
            "reads": each.tally.reads,
            "writes": each.tally.writes,
            "index_writes": each.tally.index_writes,
            "provider": each.tally.of_port("provider").total(),
            "mlflow": each.mlflow,
            "usd": {name: round(cost, 8) for name, cost in each.cost_usd.items()},
        }
        for each in deployments
    }


if __name__ == "__main__":
    main()

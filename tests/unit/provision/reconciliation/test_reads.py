"""What a reconciliation of all models reads from the table does not grow with its history."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import Deployment, Status
from tests.builders import NOON, a_deployment, set_desired
from tests.table_reads import TableReads
from tests.tables import DEPLOYMENTS, create_table
from tests.unit.provision.endpoints import with_endpoint
from tests.unit.provision.reconciliation.world import World, served, version_of

MODELS = [f"model-{number}" for number in range(10)]
EXAMPLE = {"inputs": ["x" * 3_000]}
"""The record of an ordinary model."""


def live_one(model: str) -> Deployment:
    return served(model, version="30", requested_at=NOON, input_example=EXAMPLE)


def history(model: str, count: int) -> list[Deployment]:
    """Return deployments that came and went before the live one."""
    return [
        with_endpoint(
            a_deployment(
                model_id=model,
                model_version=str(number + 1),
                requested_at=NOON - timedelta(days=count - number),
                registered_at=NOON - timedelta(days=count - number),
                status=(status := Status.FAILED if number % 3 == 0 else Status.STOPPED),
                announced=status,
                input_example=EXAMPLE,
                removed=True,
            )
        )
        for number in range(count)
    ]


def world_with_history(client: Any, count: int) -> World:
    """Return models that serve, each after *count* others, in a table."""
    create_table(DEPLOYMENTS, client)
    lives = [live_one(model) for model in MODELS]
    world = World(*lives, versions=tuple(version_of(each) for each in lives))
    store: Any = DynamoDeploymentStore(client, DEPLOYMENTS, now=lambda: world.now)
    for live in lives:
        for old in history(live.model_id, count):
            store.add(old)
        coming = replace(live, status=Status.DEPLOYING)
        store.add(coming)
        set_desired(store, coming)
        store.activate(coming)
    world.store = store
    world.now += timedelta(days=1)
    return world


def read_by_a_quiet_run(count: int) -> TableReads:
    """Return what a run reads that has nothing to do, after one that has settled the history."""
    with mock_aws():
        client: Any = boto3.client("dynamodb", region_name="us-east-1")
        world = world_with_history(client, count)
        assert count * len(MODELS) == [kind for _, kind in world.changes()].count("Settle")
        reads = TableReads(client)
        assert [] == world.changes()
        return reads


@pytest.mark.slow
def test_a_long_history_costs_a_reconciliation_nothing() -> None:
    """Twenty old deployments of each model, or none: the same requests and the same bytes."""
    short, long = read_by_a_quiet_run(0), read_by_a_quiet_run(20)

    assert {"Query": 1} == short.requests == long.requests
    assert short.item_bytes == long.item_bytes
    # No schemas and no examples.
    assert short.item_bytes < 1_500 * len(MODELS)

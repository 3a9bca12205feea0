"""Dollars of a model that was renamed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.transitions import nothing_desired
from functions.provision.removal import Removal
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.test_renames import renamed_world
from tests.unit.provision.reconciliation.world import World, served


def test_its_dollars_go_to_the_new_name() -> None:
    """Of the month so far; together they are what one endpoint costs."""
    world = renamed_world()
    before = endpoint_of(served("iris"))
    world.have(replace(before, created_at=world.now))
    world.now += timedelta(hours=10)
    world.run()
    assert 0.67 == pytest.approx(world.ledger.month("iris", "2026-11").usd)

    world.now += timedelta(hours=10)
    world.run()

    assert 0 == world.ledger.month("iris", "2026-11").usd
    assert 1.34 == pytest.approx(world.ledger.month("flower", "2026-11").usd)


def test_an_endpoint_that_is_gone_before_its_dollars_moved_is_charged_once() -> None:
    """Runs over one of the names alone leave it to a run over both."""
    world = renamed_world()
    created_at = world.now
    world.have(replace(endpoint_of(served("iris")), created_at=created_at))
    world.run()
    live = world.store.live("flower")
    assert live
    world.now += timedelta(hours=2)
    world.registry.delete("flower", None)
    world.store.set_desired(
        nothing_desired(DesiredDeployment.of(live)), expected=world.store.desired("flower")
    )
    stopped = world.store.undeploy(live, reason="Deleted in MLflow.")
    removal(world).remove(stopped)
    removal(world).remove(world.record(stopped))
    world.now += timedelta(minutes=30)
    for name in ("iris", "flower", "iris"):
        world.run(model_id=name)

    world.run()

    months = [world.ledger.month(name, "2026-11").usd for name in ("iris", "flower")]
    assert 2 * 0.067 == pytest.approx(sum(months))


def removal(world: World) -> Removal:
    return Removal(store=world.store, control=world.control, namespace="acme")

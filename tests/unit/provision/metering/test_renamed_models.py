"""Dollars of a model that was renamed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.store import StoreBusyError
from functions.common.deployments.transitions import nothing_desired
from functions.common.providers.base import EndpointState
from functions.provision.removal import Removal
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.world import World, served, serving_world


@pytest.mark.parametrize("noted", [True, False], ids=["at once", "by the next run"])
def test_its_dollars_go_to_the_new_name(*, noted: bool) -> None:
    """Of the month so far; together they are what one endpoint costs."""
    world = serving_world("iris")
    world.have(replace(endpoint_of(served("iris")), created_at=world.now))
    world.now += timedelta(hours=10)
    world.run()
    assert 0.67 == pytest.approx(world.ledger.month("iris", "2026-11").usd)

    rename(world, noted=noted)
    assert (0.67 if noted else 0) == pytest.approx(world.ledger.month("flower", "2026-11").usd)
    world.now += timedelta(hours=10)
    world.run()

    assert 0 == world.ledger.month("iris", "2026-11").usd
    assert 1.34 == pytest.approx(world.ledger.month("flower", "2026-11").usd)


def test_an_endpoint_that_is_gone_before_its_dollars_moved_is_charged_once() -> None:
    """Runs over one of the names alone leave it to a run over both."""
    world = serving_world("iris")
    world.have(replace(endpoint_of(served("iris")), created_at=world.now))
    world.run()
    rename(world, noted=False)
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


def test_an_endpoint_that_one_run_renames_and_resumes_is_charged_to_the_moment() -> None:
    """The moment of the resumption is noted under the new name, as of any other model."""
    world = serving_world("iris")
    endpoint = replace(endpoint_of(served("iris")), created_at=world.now)
    world.have(endpoint)
    world.now += timedelta(hours=10)
    world.run()
    world.now += timedelta(hours=1)
    world.have(replace(endpoint, state=EndpointState.PAUSED, updated_at=world.now))
    world.registry.rename("iris", "flower")
    world.now += timedelta(hours=3)
    assert ["Rename", "Resume"] == [change for _, change in world.changes()][:2]

    world.now += timedelta(hours=2)
    world.run()

    assert 0 == world.ledger.month("iris", "2026-11").usd
    assert 13 * 0.067 == pytest.approx(world.ledger.month("flower", "2026-11").usd)


def rename(world: World, *, noted: bool) -> None:
    """Rename `iris`; unless *noted*, nothing can be written into the ledger meanwhile."""
    world.registry.rename("iris", "flower")
    world.ledger.error = None if noted else StoreBusyError("The table is busy.")
    assert [("flower", "Rename")] == world.changes()[:1]
    world.ledger.error = None


def removal(world: World) -> Removal:
    return Removal(store=world.store, control=world.control, namespace="acme")

"""A table that was lost, or restored to an earlier time, costs no endpoint."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.provision.names import installation_tag
from functions.provision.reconciliation.orphans import FEW_ORPHANS
from tests.builders import NOON, a_deployment
from tests.unit.provision.endpoints import INSTALLATION, endpoint_of
from tests.unit.provision.reconciliation.world import World, served, version_of


def forgetting(*, live: int, forgotten: int) -> World:
    """Return models that serve, the first of which have no record any more."""
    deployments = [served(f"model-{number:02}") for number in range(live)]
    world = World(
        *deployments[forgotten:], versions=tuple(version_of(each) for each in deployments)
    )
    for each in deployments:
        world.have(endpoint_of(each, created_at=NOON))
    return world


def running(world: World) -> int:
    """Look as the reconciler does: the fake's deletion is complete at the next look."""
    return len(world.control.tagged(installation_tag(INSTALLATION)))


def deletions(changes: list[dict[str, str]]) -> int:
    return sum(each["change"] == "DeleteEndpoint" for each in changes)


@pytest.mark.parametrize(
    ("live", "forgotten"), [(1, 1), (50, 50), (3, 3), (10, FEW_ORPHANS + 1), (59, 6)]
)
def test_endpoints_whose_records_are_lost_are_held(
    live: int, forgotten: int, logged: Callable[[], str]
) -> None:
    """Of an empty table even a single one; else what is more than two and more than a tenth."""
    world = forgetting(live=live, forgotten=forgotten)
    before = dict(world.control.endpoints)

    report = world.reconciler().run()

    assert (0, forgotten) == (deletions(report.changes), deletions(report.held))
    assert forgotten == report.orphans_held
    assert before == world.control.endpoints
    assert "reconcile.too_many_orphans" in logged()


def test_a_held_endpoint_is_held_in_every_run() -> None:
    """Deleting a few in each run would only take longer. The models are deployed again meanwhile,
    so that there are records, and more endpoints."""
    world = forgetting(live=50, forgotten=50)
    world.run()
    for deployment in list(world.store.deployments.values()):
        world.have(endpoint_of(deployment, created_at=NOON))

    report = world.run()

    assert 50 == deletions(report["held"])
    assert 100 == running(world)


@pytest.mark.parametrize(
    ("live", "forgotten"), [(2, 1), (10, FEW_ORPHANS), (60, 6), (FEW_ORPHANS + 1, FEW_ORPHANS)]
)
def test_what_an_accident_leaves_is_deleted_at_once(live: int, forgotten: int) -> None:
    """One or two, or up to a tenth."""
    world = forgetting(live=live, forgotten=forgotten)

    report = world.run()

    assert (forgotten, []) == (deletions(report["changes"]), report["held"])
    assert live - forgotten == running(world)


def test_records_of_undeployed_models_are_records() -> None:
    """Nothing is deployed any more, and the overview, which lacks what has settled, is empty."""
    undeployed = a_deployment(model_id="undeployed", status=Status.STOPPED, reason="Undeployed.")
    world = World(replace(undeployed, announced=Status.STOPPED, expiration=2**31))
    world.control.endpoints.clear()
    world.store.desired_deployments.clear()
    world.have(endpoint_of(served("lost"), created_at=NOON))

    report = world.run()

    assert (1, []) == (deletions(report["changes"]), report["held"])
    assert 0 == running(world)


def test_an_operator_confirms_that_no_record_is_lost() -> None:
    """After a dry run has listed the same endpoints."""
    world = forgetting(live=50, forgotten=20)
    before = world.snapshot()

    dry = world.run(delete_orphans=True, dry_run=True)

    assert (20, []) == (deletions(dry["changes"]), dry["held"])
    assert before == world.snapshot()
    real = world.run(delete_orphans=True)
    assert (20, []) == (deletions(real["changes"]), real["held"])
    assert 30 == running(world)


def test_all_else_is_put_right_while_endpoints_are_held() -> None:
    """Models whose records are lost are deployed again, which needs no table of yesterday."""
    world = forgetting(live=5, forgotten=5)

    kinds: list[Any] = [each["change"] for each in world.run()["changes"]]

    assert 5 == kinds.count("Deploy")

"""Names that MLflow has never had, and times that its clock cannot have."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.record import RequestedBy, Status
from tests.builders import NOON, a_deployment, changed
from tests.fakes.model_registry import a_version
from tests.unit.provision.reconciliation.world import NOW, World, served, version_of

IGNORED = a_deployment(
    model_id="tpyo",
    status=Status.STOPPED,
    origin=RequestedBy.OPERATOR,
    reason="MLflow does not know this version.",
    removed=True,
)


def test_a_name_that_mlflow_never_had_is_taken_off_the_list() -> None:
    """An operator has deployed it by mistake; everybody would see it for ever."""
    world = World(IGNORED)

    assert ("tpyo", "Forget") in world.changes()

    assert {} == world.store.desired_deployments
    assert "MLflow does not know this version." == world.record(IGNORED).reason
    assert "Forget" not in {change for _, change in world.changes()}


@pytest.mark.parametrize(
    "deployment",
    [
        changed(IGNORED, status=Status.PENDING, reason=None, updated_at=NOW),
        changed(IGNORED, registered_at=NOON),
    ],
)
def test_a_name_that_mlflow_had_or_may_have_stays(deployment: object) -> None:
    """One on its way, and one whose model was deleted since."""
    world = World(deployment)  # type: ignore[arg-type]

    assert "Forget" not in {change for _, change in world.changes()}


def test_a_name_that_is_registered_meanwhile_stays() -> None:
    """The listing was read before."""
    world = World(IGNORED)
    world.control.meanwhile = lambda: world.registry.register(a_version(name="tpyo"))

    assert "Forget" not in {change for _, change in world.changes()}

    assert world.store.desired("tpyo")


@pytest.mark.parametrize("years", [73, 7_900])
def test_a_version_of_the_future_is_not_deployed(years: int) -> None:
    """It would win over every later one."""
    ahead = replace(a_version(version="2"), registered_at=NOW.replace(year=2026 + years))
    serving = served()
    world = World(serving, versions=(version_of(serving), ahead))

    assert [] == world.changes()

    world.registry.register(a_version(version="3", registered_at=NOW))
    assert ("iris", "Deploy") in world.changes()
    assert "3" == world.store.desired_deployments["iris"].model_version


def test_a_clock_that_is_a_little_ahead_is_no_mistake() -> None:
    soon = a_version(registered_at=NOW + timedelta(minutes=4))

    assert ("iris", "Deploy") in World(versions=(soon,)).changes()


def test_what_serves_goes_on_serving() -> None:
    """However its time came about."""
    later = NOW + timedelta(hours=1)
    serving = served(registered_at=later, requested_at=later)
    world = World(serving, versions=(version_of(serving, registered_at=later),))

    assert [] == world.changes()

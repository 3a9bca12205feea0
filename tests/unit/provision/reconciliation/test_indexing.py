"""Records from before there was an index: found, and written again, so that the index has them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, RequestedBy
from functions.common.deployments.store import ModelState
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.unit.provision.reconciliation.world import World, serving_world


class OldTable(FakeDeploymentStore):
    """A store whose index has only what was written since it exists."""

    indexed: frozenset[str] = frozenset()

    def overview(self) -> Iterator[ModelState]:
        for state in super().overview():
            shown = tuple(each for each in state.deployments if each.id in self.indexed)
            desired = state.desired if state.model_id in self.indexed else None
            live = state.live_id if state.live_id in self.indexed else None
            if shown or desired:
                yield replace(state, deployments=shown, desired=desired, live_id=live)

    def update(self, deployment: Deployment, changed: Deployment) -> Deployment:
        self.indexed |= {deployment.id}
        return super().update(deployment, changed)

    def set_desired(
        self, desired: DesiredDeployment, *, expected: DesiredDeployment | None
    ) -> bool:
        self.indexed |= {desired.model_id}
        return super().set_desired(desired, expected=expected)


def old_world() -> World:
    world = serving_world("iris", "wine")
    world.store = OldTable(*world.store.deployments.values(), now=lambda: world.now)
    return world


def changes_and_held(report: Any) -> tuple[list[tuple[str, str]], list[Any]]:
    return [(each["model_id"], each["change"]) for each in report["changes"]], report["held"]


def test_records_that_the_index_lacks_are_written_again() -> None:
    """Nothing is deployed twice and nothing deleted; the next run has nothing to do."""
    world = old_world()
    endpoints = dict(world.control.endpoints)

    assert ([("iris", "Index"), ("wine", "Index")], []) == changes_and_held(world.run())
    assert endpoints == world.control.endpoints
    assert ([], []) == changes_and_held(world.run())


def test_a_model_that_only_an_endpoint_shows_is_found() -> None:
    """MLflow does not know it any more, and the index does not know it yet."""
    world = old_world()
    world.run()
    store: Any = world.store
    store.indexed = frozenset(
        {"iris", *(d.id for d in world.store.deployments.values() if d.model_id == "iris")}
    )
    world.registry.delete("wine")

    kinds, _ = changes_and_held(world.run())

    assert [("wine", "Retarget"), ("wine", "Withdraw")] == kinds


def test_every_record_can_be_read_at_once() -> None:
    """The table instead of its index."""
    world = old_world()

    assert [] == world.changes(every_record=True)


def test_what_a_change_has_written_is_not_written_again() -> None:
    """The alias's version, noted at an operator's request that the index lacks, stays noted."""
    world = old_world()
    asked = replace(
        world.store.desired_deployments["iris"], origin=RequestedBy.OPERATOR, registry_version=None
    )
    world.store.desired_deployments["iris"] = asked
    world.registry.set_alias("iris", "champion", "1")

    world.run(alias="champion")

    assert "1" == world.store.desired_deployments["iris"].registry_version

"""A reconciliation does no harm: as a dry run, concurrently, or with one failing model."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.providers.base import EndpointState
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.workflow import FakeWorkflow
from tests.unit.provision.endpoints import endpoint_of, name_of
from tests.unit.provision.reconciliation.world import (
    NOW,
    World,
    served,
    serving_world,
)

LIVE = served()
STRAY = endpoint_of(a_deployment(model_version="9"), created_at=NOW - timedelta(hours=1))


def missed() -> World:
    return World(versions=(a_version(),))


def deleted() -> World:
    return World(LIVE)


def stuck() -> World:
    return World(a_deployment(registered_at=NOON), versions=(a_version(),))


def dying() -> World:
    return World(a_deployment(registered_at=NOON, run=5), versions=(a_version(),))


def broken() -> World:
    world = serving_world("iris")
    world.control.become(name_of(LIVE), EndpointState.FAILED)
    return world


def paused() -> World:
    world = serving_world("iris")
    world.control.become(name_of(LIVE), EndpointState.PAUSED)
    return world


def moved_on() -> World:
    """Return the world after version 2 was deleted during its deployment."""
    world = serving_world("iris")
    coming = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
    world.store = FakeDeploymentStore(LIVE, coming, now=lambda: world.now)
    return world


def left_over() -> World:
    return World(served(status=Status.FAILED), versions=())


def stray() -> World:
    world = serving_world("iris")
    world.have(STRAY)
    return world


def untold() -> World:
    return World(LIVE, versions=(a_version(),))


SCENES = [
    missed,
    deleted,
    stuck,
    dying,
    broken,
    paused,
    moved_on,
    left_over,
    stray,
    untold,
]


@pytest.mark.parametrize("scene", SCENES)
def test_a_dry_run_reports_changes_and_makes_none(scene: Callable[[], World]) -> None:
    """It lists the tags that a real run would update now."""
    world = scene()
    before = world.snapshot()

    report = world.run(dry_run=True)

    assert report["dry_run"]
    assert report["changes"]
    assert before == world.snapshot()
    real = [change for change in world.changes() if change[1] != "Tell"]
    dry = [(each["model_id"], each["change"]) for each in report["changes"]]
    assert real == [change for change in dry if change[1] != "Tell"]


@pytest.mark.parametrize("scene", SCENES)
def test_two_concurrent_runs_do_the_work_once(scene: Callable[[], World]) -> None:
    """The second reads everything before the first changes anything."""
    alone, together = scene(), scene()
    alone.run()

    together.control.meanwhile = together.run
    together.control.at_look = 1 if scene is stray else 2
    report = together.run()

    assert 0 == report["failed"]
    assert alone.snapshot() == together.snapshot()


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene is not dying])
def test_a_second_run_changes_nothing_more(scene: Callable[[], World]) -> None:
    """Work in progress continues; only given-up deployments are requested again."""
    world = scene()
    world.run()

    assert [] == world.changes()


def test_a_change_that_was_overtaken_is_not_reported(logged: Callable[[], str]) -> None:
    """It is logged, and the next run observes again."""
    world = deleted()
    world.control.meanwhile, world.control.at_look = world.run, 2

    assert [] == world.changes()
    assert "reconcile.overtaken" in logged()


def test_a_request_that_arrives_meanwhile_wins() -> None:
    """A change planned for the earlier desired deployment is not made."""
    world = missed()
    newer = a_deployment(requested_at=NOON + timedelta(hours=1), registered_at=NOON)

    def hook() -> None:
        world.store.add(newer)
        world.store.set_desired(_target_of(newer), expected=None)

    world.control.meanwhile, world.control.at_look = hook, 2

    assert [("iris", "Tell")] == world.changes()
    assert newer.id == world.store.desired_deployments["iris"].deployment_id
    assert [newer.id] == list(world.store.deployments)


def _target_of(deployment: Deployment) -> Any:
    return FakeDeploymentStore(deployment).desired_deployments[deployment.model_id]


# One model's trouble.


class Refuses(FakeWorkflow):
    """A workflow that starts nothing for the model `bad`."""

    def start(self, model_id: str, deployment_id: str, *, run: int = 1) -> None:
        if model_id == "bad":
            raise RuntimeError("throttled")
        super().start(model_id, deployment_id, run=run)


def test_a_failing_change_does_not_affect_other_models(logged: Callable[[], str]) -> None:
    """The model's further changes are skipped: they were planned on its success."""
    world = World(versions=tuple(a_version(name=name) for name in ("a", "bad", "c")))
    world.workflow = Refuses()

    report = world.run()

    assert (3, 1) == (report["models"], report["failed"])
    changes = [(each["model_id"], each["change"]) for each in report["changes"]]
    assert [("a", "Deploy"), ("a", "Tell"), ("c", "Deploy"), ("c", "Tell")] == changes
    assert "reconcile.failed" in logged()
    assert "throttled" in logged()


def test_a_failed_change_is_made_by_a_later_run() -> None:
    """The record was written, but its execution never started."""
    world = World(versions=(a_version(name="bad"),))
    world.workflow = Refuses()
    world.run()
    world.workflow = FakeWorkflow()
    world.now += timedelta(minutes=5)

    assert [("bad", "Restart"), ("bad", "Tell")] == world.changes()
    (made,) = world.store.deployments.values()
    assert [(made.id, 2)] == world.workflow.runs


def test_a_retirement_that_could_not_be_started_is_made_later() -> None:
    """The deployment no longer serves, and its endpoint is deleted after the pause."""
    world = deleted()
    world.workflow.error = RuntimeError("throttled")

    assert 1 == world.run()["failed"]
    assert (Status.STOPPED, {}) == (world.record(LIVE).status, world.store.live_ids)
    world.now += timedelta(minutes=5)
    assert [("iris", "Remove")] == world.changes()
    assert {} == world.control.endpoints


class Mute(FakeModelRegistry):
    """A registry that refuses every write for the model `bad`."""

    def set_tags(self, name: str, version: str, tags: Any) -> None:
        if name == "bad":
            raise RuntimeError("read only")
        super().set_tags(name, version, tags)


def test_a_failing_update_of_tags_does_not_affect_other_models() -> None:
    """It counts as failed, which raises an alarm."""
    world = World()
    world.registry = Mute(*(a_version(name=name) for name in ("a", "bad", "c")))

    report = world.run()

    assert 1 == report["failed"]
    assert ["a", "bad", "c"] == [name for name, _ in world.workflow.started]
    assert ["pending", "pending"] == [world.tags(name)["hokus.status"] for name in ("a", "c")]


class Unreadable(FakeDeploymentStore):
    """A store that reads the model `bad` once, and then not again."""

    def state(self, model_id: str) -> ModelState:
        if model_id == "bad" and model_id in self.desired_deployments:
            raise RuntimeError("throttled")
        return super().state(model_id)


def test_a_record_that_cannot_be_read_again_does_not_affect_other_models() -> None:
    """Between a model's changes and its tags."""
    world = World(versions=tuple(a_version(name=name) for name in ("a", "bad", "c")))
    world.store = Unreadable(now=lambda: world.now)

    report = world.run()

    assert 1 == report["failed"]
    assert ["a", "bad", "c"] == [name for name, _ in world.workflow.started]


class Blind(FakeWorkflow):
    """A workflow that may not read executions of another state machine."""

    def is_running(self, execution_arn: str) -> bool:
        if "another-machine" in execution_arn:
            raise RuntimeError("AccessDeniedException")
        return super().is_running(execution_arn)


def test_an_execution_that_cannot_be_read_does_not_affect_other_models() -> None:
    """For example one of a state machine that has been replaced."""
    coming = a_deployment(model_id="bad", registered_at=NOON, execution_arn="another-machine:1")
    world = World(coming, versions=(a_version(name="bad"), a_version(name="c")))
    world.workflow = Blind()

    report = world.run()

    assert 1 == report["failed"]
    assert ["c"] == [name for name, _ in world.workflow.started]


# Leftovers of a race.


def test_an_endpoint_that_appears_after_its_removal_is_deleted() -> None:
    """Its creation took effect after the clean-up, and the answer was lost."""
    failed = served(status=Status.FAILED, removing=True, removed=True, created_at=NOON)
    world = World(failed)
    world.control.become(name_of(failed), EndpointState.RUNNING, created_at=NOON)

    world.run()

    assert {} == world.control.endpoints

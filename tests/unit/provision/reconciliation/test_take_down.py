"""Taking the installation down: nothing serves, nothing is paid for, whatever is in the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.provision.names import installation_tag, tags
from functions.provision.reconciliation.reconciler import MANY_UNDEPLOYMENTS
from tests.builders import a_deployment
from tests.fakes.model_registry import a_version
from tests.unit.provision.endpoints import INSTALLATION, endpoint_of
from tests.unit.provision.reconciliation.world import NOW, World, served, serving_world, version_of


def run(world: World) -> dict[str, Any]:
    """Run until it is done, three times at most; return the last report."""
    report: dict[str, Any] = {}
    for _ in range(3):
        report = world.take_down().run()
        if report["done"]:
            break
    return report


def test_everything_is_undeployed_and_deleted() -> None:
    """However many models there are: no guard of ordinary reconciliations applies."""
    world = serving_world(*(f"model-{number}" for number in range(MANY_UNDEPLOYMENTS + 5)))
    world.webhook_keeper().keep()

    first, report = world.take_down().run(), run(world)

    assert ("removed", "absent") == (first["webhook"]["state"], report["webhook"]["state"])
    assert (True, 0) == (report["done"], report["failed"])
    assert {"serving": 0, "in_progress": 0, "endpoints": 0, "changes": 0} == report["left"]
    assert ({}, set(), {}, {}) == (
        world.control.endpoints,
        world.control.repositories,
        world.store.live_ids,
        world.webhooks.by_id,
    )
    for record in world.store.deployments.values():
        assert (Status.STOPPED, "The installation is being taken down.") == (
            record.status,
            record.reason,
        )


def test_the_registry_says_that_it_does_not_serve() -> None:
    """Its tags name no address that nobody answers any more."""
    world = serving_world("iris")

    run(world)

    assert "stopped" == world.tags()["hokus.status"]
    assert "hokus.url" not in world.tags()


def test_it_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure, and after it was done."""

    def broken(_name: str) -> None:
        raise ConnectionError("down")

    world = serving_world("iris", "wine")
    with monkeypatch.context() as outage:
        outage.setattr(world.control, "delete", broken)
        assert not run(world)["done"]

    assert [True, True] == [run(world)["done"] for _ in range(2)]
    assert {} == world.control.endpoints


def test_a_registration_meanwhile_is_not_deployed() -> None:
    """A version that only the registry knows stays so."""
    world = serving_world("iris")
    world.registry.register(a_version(name="new", registered_at=NOW))

    assert run(world)["done"]
    assert [] == world.workflow.started


def test_a_deployment_in_progress_is_waited_for() -> None:
    """Its workflow ends it at its next step, since nothing is desired any more."""
    world = World(versions=(a_version(),))
    assert ("iris", "Deploy") in world.changes()
    (coming,) = world.store.deployments.values()

    first = run(world)
    world.store.deployments[coming.id] = replace(world.record(coming), status=Status.STOPPED)
    last = run(world)

    assert (False, 1) == (first["done"], first["left"]["in_progress"])
    assert world.store.desired_deployments["iris"].deployment_id is None
    assert (True, {}) == (last["done"], world.control.endpoints)


def test_a_workflow_that_ends_meanwhile_deploys_nothing_again() -> None:
    """Its last step reconciles the model, as calls of a paused model do; the registry has it."""
    world = serving_world("iris")
    world.take_down().run()

    assert [] == [change for change in world.changes(model_id="iris") if change[1] == "Deploy"]
    assert run(world)["done"]
    assert [] == world.workflow.started


def test_a_model_is_deployed_again_when_it_is_registered_anew() -> None:
    """After the installation was taken down, and goes on."""
    world = serving_world("iris")
    assert run(world)["done"]
    world.registry.register(a_version(version="2", registered_at=world.now + timedelta(minutes=1)))
    world.now += timedelta(minutes=2)

    assert ("iris", "Deploy") in world.changes()


def test_endpoints_without_a_record_go_too() -> None:
    """Also young ones, however many; those of others stay."""
    world = World()
    for number in range(5):
        stray = endpoint_of(a_deployment(model_version=str(number)), created_at=NOW)
        world.have(stray)
    theirs = endpoint_of(a_deployment(model_id="theirs"))
    world.have(replace(theirs, tags=tags("d", installation="another")))

    assert run(world)["done"]
    assert [theirs.name] == list(world.control.endpoints)
    assert installation_tag(INSTALLATION) not in world.control.endpoints[theirs.name].tags


def test_a_registry_that_is_gone_is_not_needed() -> None:
    """People may have taken MLflow down first."""
    world = serving_world("iris")
    world.registry.error = ConnectionError("no route")

    report = run(world)

    assert (True, {}) == (report["done"], world.control.endpoints)


def test_replaced_endpoints_do_not_wait_for_their_rollback_window() -> None:
    """They cost money as well."""
    replaced = served(status=Status.STOPPED, updated_at=NOW - timedelta(seconds=1))
    world = World(replaced, versions=(version_of(replaced),))

    assert run(world)["done"]
    assert {} == world.control.endpoints

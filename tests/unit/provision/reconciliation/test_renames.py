"""A model that is renamed in MLflow goes on serving, with its endpoint, under its new name."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import RequestedBy, Status
from functions.common.errors import ModelNotFoundError
from functions.predict.live_deployments import LiveDeployments
from functions.provision.registry.base import RegisteredModel
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.world import (
    API,
    World,
    served,
    serving_world,
    version_of,
)

LATER = NOON + timedelta(hours=1)


def renamed_world(*others: str, **options: Any) -> World:
    """Return a world in which `iris` serves, and is named `flower` in the registry by now."""
    world = serving_world("iris", *others, **options)
    world.registry.rename("iris", "flower")
    return world


@pytest.mark.parametrize("model_id", [None, "flower", "iris"])
def test_the_endpoint_goes_over_to_the_new_name(model_id: str | None) -> None:
    """Found by a whole reconciliation, or by one of either name; nothing is deployed or deleted."""
    world = renamed_world()
    endpoints = world.snapshot()[4]

    report = world.run(model_id=model_id)

    assert {
        "model_id": "flower",
        "change": "Rename",
        "detail": "version 1: its model was named iris",
    } == report["changes"][0]
    live = world.store.live("flower")
    assert live is not None
    assert (served("iris").endpoint.name, Status.DEPLOYED) == (live.endpoint.name, live.status)
    assert world.store.live("iris") is None
    assert "Renamed to `flower` in MLflow." == world.record(served("iris")).reason
    assert ("rename", "renamed from `iris`") == (
        live.timeline[-1].step,
        live.timeline[-1].outcome,
    )
    assert endpoints == world.control.endpoints
    assert [] == world.workflow.runs
    assert [] == world.run()["changes"]


def test_its_tags_name_the_new_address() -> None:
    """In the same reconciliation."""
    world = renamed_world()

    world.run()

    live = world.store.live("flower")
    assert live is not None
    assert {
        "hokus.status": "deployed",
        "hokus.url": f"{API}/models/flower/predict",
        "hokus.deployment_id": live.id,
    } == world.tags("flower")


def test_the_endpoint_stays_with_the_new_name() -> None:
    """It is no orphan, and the record under the old name does not remove it."""
    world = renamed_world()
    world.run()

    world.now += timedelta(days=30)

    assert [("flower", "Tell"), ("iris", "Settle")] == world.changes()
    assert [endpoint_of(served("iris")).name] == [*world.control.endpoints]


def test_a_model_can_get_its_first_name_back() -> None:
    """However often it is renamed."""
    world = serving_world("iris")
    for old, new in [("iris", "a"), ("a", "iris"), ("iris", "a"), ("a", "iris")]:
        world.registry.rename(old, new)
        assert (new, "Rename") == world.changes()[0]

    live = world.store.live("iris")
    assert live is not None
    assert served("iris").id == live.endpoint_deployment_id
    assert ["iris"] == [*world.store.live_ids]


def test_two_models_can_swap_their_names() -> None:
    """Each keeps its own endpoint; the first reconciliation after each step follows it."""
    world = serving_world("iris", "wine")
    for old, new in [("iris", "tmp"), ("wine", "iris"), ("tmp", "wine")]:
        world.registry.rename(old, new)
        world.run()

    found = {name: world.store.live(name) for name in ("iris", "wine")}
    made_for = {name: each.endpoint_deployment_id for name, each in found.items() if each}
    assert {"iris": served("wine").id, "wine": served("iris").id} == made_for


def test_another_model_may_have_the_old_name() -> None:
    """It is deployed by itself, and the renamed one serves on."""
    world = renamed_world()
    world.registry.register(a_version(name="iris", registered_at=LATER))

    changes = world.changes()

    assert [("flower", "Rename"), ("flower", "Tell"), ("iris", "Deploy")] == changes[:3]
    assert world.store.live("flower")


def test_a_newer_version_under_the_new_name_is_still_requested() -> None:
    """The running endpoint serves until the newer one is up."""
    world = renamed_world()
    world.registry.register(a_version(name="flower", version="2", registered_at=LATER))
    coming = a_deployment(
        model_id="flower", model_version="2", requested_at=LATER, updated_at=world.now
    )
    world.store.add(coming)
    world.store.set_desired(DesiredDeployment.of(coming), expected=None)

    assert ("flower", "Rename") == world.changes()[0]

    desired, live = world.store.desired("flower"), world.store.live("flower")
    assert desired
    assert live
    assert (coming.id, "1") == (desired.deployment_id, live.model_version)


def test_a_copy_takes_nothing_over() -> None:
    """It has the tags of its source, and a time of its own: both are served apart."""
    world = serving_world("iris")
    world.registry.copy("iris", "1", to="prod", number="1", registered_at=LATER)

    assert ("prod", "Deploy") in world.changes()
    assert {"iris"} == world.store.live_ids.keys()
    copied = world.tags("prod")
    assert served("iris").id != copied["hokus.deployment_id"]
    assert "hokus.url" not in copied


def test_a_copy_of_a_deleted_model_takes_nothing_over() -> None:
    """Else it would serve what somebody wanted gone, under another name, without verification."""
    world = serving_world("iris")
    world.registry.copy("iris", "1", to="prod", number="1", registered_at=LATER)
    world.registry.delete("iris")

    assert ("iris", "Withdraw") in world.changes()
    assert world.store.live("prod") is None


def test_an_opted_out_copy_says_so() -> None:
    """It has inherited the tag; what our tags say of its source is removed."""
    live = served("iris")
    version = version_of(live)
    world = World(live, versions=(version,))
    world.registry.copy("iris", "1", to="prod", number="1", registered_at=LATER)
    world.registry.tag("prod", "1", "hokus.deploy", "false")

    world.run()

    assert {
        "hokus.deploy": "false",
        "hokus.reason": "The version is tagged hokus.deploy=false in MLflow. It was copied from "
        "models:/iris/1 with its tags: remove the tag to deploy the copy.",
    } == world.tags("prod")


def test_an_undeployed_model_stays_so_under_its_new_name() -> None:
    """An operator's request is the model's, whatever its name."""
    stopped = served("iris", status=Status.STOPPED, reason="Undeployed.", removed=True)
    world = World(stopped, versions=(version_of(stopped),))
    world.control.endpoints.clear()
    desired = DesiredDeployment(model_id="iris", requested_at=LATER, origin=RequestedBy.OPERATOR)
    world.store.set_desired(desired, expected=world.store.desired("iris"))
    world.registry.rename("iris", "flower")

    assert ("flower", "KeepUndeployed") == world.changes()[0]
    assert replace(desired, model_id="flower") == world.store.desired("flower")
    assert [] == world.changes()


def test_an_operators_choice_goes_over_to_the_new_name() -> None:
    """It still holds against what the registry had before."""
    world = renamed_world()
    chosen = replace(world.store.desired_deployments["iris"], origin=RequestedBy.OPERATOR)
    world.store.desired_deployments["iris"] = chosen

    world.run()

    assert RequestedBy.OPERATOR is world.store.desired_deployments["flower"].origin


@pytest.mark.parametrize(("renamed_at", "serves"), [(NOON, False), (LATER, True)])
def test_what_is_undeployed_under_the_new_name_stays_so(renamed_at: datetime, serves: bool) -> None:
    """Before the reconciler has seen the rename; an undeployment from before it was another
    model's."""
    world = serving_world("iris")
    world.registry.rename("iris", "flower", at=renamed_at)
    at = NOON + timedelta(minutes=5)
    undeployed = DesiredDeployment(model_id="flower", requested_at=at, origin=RequestedBy.OPERATOR)
    world.store.set_desired(undeployed, expected=None)

    world.run()

    assert serves is (world.store.live("flower") is not None)
    assert world.store.live("iris") is None


def test_a_dry_run_reports_the_rename_alone() -> None:
    """Deploying one name and undeploying the other is not what would happen."""
    world = renamed_world("wine")
    before = world.snapshot()

    assert [("flower", "Rename")] == world.changes(dry_run=True)
    assert before == world.snapshot()


class Interrupted(FakeDeploymentStore):
    """A store whose renaming fails."""

    def move_live(self, *_args: Any, **_options: Any) -> bool:
        raise RuntimeError("no answer")


def test_an_interrupted_rename_undeploys_nothing() -> None:
    """Both names are left alone until the next reconciliation."""
    world = renamed_world()
    store = Interrupted()
    store.__dict__.update(world.store.__dict__)
    world.store, known = store, world.store

    assert [] == world.changes()
    assert world.store.live("iris")
    world.store = known
    assert ("flower", "Rename") == world.changes()[0]


class RenamedWhileListed(FakeModelRegistry):
    """A registry that lists its versions, then the models, and is changed in between."""

    halves = True

    def models(self) -> list[RegisteredModel]:
        found = super().models()
        if self.halves:
            self.halves = False
            return [replace(each, versions=()) for each in found]
        return found


def test_a_model_that_is_renamed_while_it_is_listed_is_followed() -> None:
    """Its versions were listed under neither name."""
    world = renamed_world()
    registry = RenamedWhileListed()
    registry.__dict__.update(world.registry.__dict__)
    world.registry = registry

    assert ("flower", "Rename") == world.changes()[0]
    assert world.store.live("flower")


def test_no_call_fails_while_a_model_is_renamed() -> None:
    """Who asks by the new name, and by the old one while there is none, reaches the endpoint."""
    world = serving_world("iris")
    seconds = [0.0]
    deployments = LiveDeployments(world.store, max_age_s=5, monotonic=lambda: seconds[0])

    def url() -> str | None:
        try:
            return deployments.get("flower").endpoint.url
        except ModelNotFoundError:
            return deployments.get("iris").endpoint.url

    urls = [url()]
    world.registry.rename("iris", "flower")
    urls.append(url())
    world.run()
    urls.append(url())
    seconds[0] = 6
    urls.append(url())

    assert [served("iris").endpoint.url] * 4 == urls
    with pytest.raises(ModelNotFoundError):
        deployments.get("iris")

"""Each change is made as it was planned, one model's trouble stays its own, and nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import RequestedBy, Status
from functions.common.providers.base import Endpoint, EndpointState, ProviderUnavailableError
from functions.provision.names import tags
from functions.provision.registry.base import RegisteredModel
from tests.builders import NOON, a_deployment
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.unit.provision.endpoints import endpoint_of, name_of, with_endpoint
from tests.unit.provision.reconciliation.world import (
    API,
    NOW,
    World,
    served,
    serving_world,
    version_of,
)

LIVE = served()
OLD = NOW - timedelta(hours=1)
STRAY = endpoint_of(a_deployment(model_version="9"), created_at=OLD)
FOREIGN = endpoint_of(
    a_deployment(model_version="8"), created_at=OLD, tags=tags("x", installation="another")
)
NO_CHANGES = {"dry_run": False, "models": 1, "changes": [], "failed": 0}


# One change of each kind.


def test_where_all_is_as_it_should_be_nothing_is_changed() -> None:
    """However often one looks."""
    world = serving_world("iris")
    before = world.snapshot()

    assert [NO_CHANGES, NO_CHANGES] == [world.run(), world.run()]
    assert before == world.snapshot()


def test_a_registration_that_was_not_heard_of_is_deployed() -> None:
    """DesiredDeployment, record and execution; the registry's page says so in the same run."""
    world = World(versions=(a_version(),))

    report = world.run()

    (made,) = world.store.deployments.values()
    assert (Status.PENDING, NOON, RequestedBy.REGISTRY) == (
        made.status,
        made.requested_at,
        made.origin,
    )
    assert NOON == made.registered_at
    assert made.id == world.store.desired_deployments["iris"].deployment_id
    assert [("iris", made.id)] == world.workflow.started
    assert {"hokus.status": "pending", "hokus.deployment_id": made.id} == world.tags()
    expected = [
        {
            "model_id": "iris",
            "change": "Deploy",
            "detail": "version 1: it had not been heard of",
        },
        {
            "model_id": "iris",
            "change": "Tell",
            "detail": "version 1: hokus.deployment_id, hokus.status",
        },
    ]
    assert {"dry_run": False, "models": 1, "changes": expected, "failed": 0} == report
    assert [] == world.changes()


def test_what_was_deleted_in_mlflow_is_withdrawn_and_retired() -> None:
    """It stops serving at once; its endpoint goes when its last users are gone."""
    world = World(LIVE)

    assert [("iris", "Retarget"), ("iris", "Withdraw")] == world.changes()

    record = world.record(LIVE)
    assert (Status.STOPPED, "Deleted in MLflow.") == (record.status, record.reason)
    assert ({}, [("iris", LIVE.id)]) == (world.store.live_ids, world.workflow.retiring)
    assert world.control.endpoints
    assert world.store.desired_deployments["iris"].deployment_id is None


def test_what_nothing_works_on_gets_its_next_execution() -> None:
    """Under a name of its own."""
    stuck = a_deployment(registered_at=NOON, execution_arn="ended")
    world = World(stuck, versions=(a_version(),))

    assert [("iris", "Restart"), ("iris", "Tell")] == world.changes()

    arn = world.workflow.execution_arn(stuck.id, run=2)
    assert [(stuck.id, 2)] == world.workflow.runs
    assert (2, arn) == (world.record(stuck).run, world.record(stuck).execution_arn)


def test_what_dies_again_and_again_ends_and_is_removed() -> None:
    """Its page says so; it is tried again later, since the model may not be at fault."""
    dying = a_deployment(registered_at=NOON, run=5)
    world = World(dying, versions=(a_version(),))

    assert [("iris", "GiveUp"), ("iris", "Tell")] == world.changes()

    record = world.record(dying)
    reason = "None of 5 executions of the workflow came to an end."
    assert (Status.FAILED, reason, True) == (record.status, record.reason, record.retryable)
    assert ({}, True) == (world.control.endpoints, record.endpoint.removed)
    assert ("failed", reason) == (world.tags()["hokus.status"], world.tags()["hokus.reason"])


def test_a_paused_endpoint_is_started_again() -> None:
    """Nothing else is changed."""
    world = serving_world("iris")
    world.control.become(name_of(LIVE), EndpointState.PAUSED)

    assert [("iris", "Resume")] == world.changes()
    assert EndpointState.STARTING is world.control.endpoints[name_of(LIVE)].state


def test_what_was_left_over_is_removed() -> None:
    """An execution died before its clean-up."""
    stopped = served(version="0", status=Status.STOPPED, requested_at=NOON - timedelta(hours=1))
    world = World(stopped, LIVE, versions=(version_of(LIVE),))

    assert [("iris", "Remove")] == world.changes()
    assert [name_of(LIVE)] == list(world.control.endpoints)
    assert world.record(stopped).endpoint.removed


def test_a_stray_endpoint_is_deleted_and_a_foreign_one_is_not() -> None:
    """Only one with this installation's tag is ours."""
    world = serving_world("iris")
    for each in (STRAY, FOREIGN):
        world.have(each)

    assert [("", "DeleteEndpoint")] == world.changes()
    assert world.control.describe(STRAY.name) is None
    assert {name_of(LIVE), FOREIGN.name} == set(world.control.endpoints)
    assert STRAY.repository not in world.control.repositories


def test_a_tag_that_does_not_say_the_truth_is_put_right() -> None:
    """Somebody changed it by hand."""
    world = serving_world("iris")
    truth = world.tags()
    world.registry.tag("iris", "1", "hokus.status", "failed")
    world.registry.tag("iris", "1", "hokus.reason", "I said so.")

    assert [("iris", "Tell")] == world.changes()
    assert truth == world.tags()


def test_a_change_of_a_kind_that_nobody_makes_is_a_mistake() -> None:
    """Of ours: it would be planned for ever."""
    change: Any = object()

    with pytest.raises(NotImplementedError, match="object of iris"):
        World().reconciler()._do(change, "iris")


# What is looked at.


def test_one_model_alone_is_looked_at() -> None:
    """Neither others nor strays: that is the schedule's."""
    world = World(versions=(a_version(), a_version(name="other")))
    world.have(STRAY)

    report = world.run(model_id="iris")

    assert 1 == report["models"]
    assert {"iris"} == {each["model_id"] for each in report["changes"]}
    assert [STRAY.name] == list(world.control.endpoints)


def test_a_model_that_nobody_knows_needs_nothing() -> None:
    """An operator has mistyped it."""
    assert NO_CHANGES == World().run(model_id="nobody")


def test_one_model_that_is_gone_is_withdrawn() -> None:
    """The registry answers that there is none of this name."""
    assert [("iris", "Retarget"), ("iris", "Withdraw")] == World(LIVE).changes(model_id="iris")


class Forgets(FakeModelRegistry):
    """Lists everything but the model `iris`, or its version 1."""

    whole_model = True

    def models(self) -> list[RegisteredModel]:
        others = [each for each in super().models() if each.name != "iris"]
        if self.whole_model:
            return others
        return [*others, RegisteredModel(name="iris", versions=(), aliases={})]


@pytest.mark.parametrize("whole_model", [True, False])
def test_what_serves_and_is_not_listed_is_asked_for_by_itself(whole_model: bool) -> None:
    """A listing in pages can miss what moves between them."""
    world = serving_world("iris", "other")
    world.registry = Forgets(version_of(LIVE), version_of(served("other")))
    world.registry.whole_model = whole_model

    assert [] == world.changes()


@pytest.mark.parametrize("whole_model", [True, False])
def test_what_is_not_there_when_asked_for_is_gone(whole_model: bool) -> None:
    """Then the listing was right."""
    world = serving_world("iris", "other")
    world.registry = FakeModelRegistry(version_of(LIVE), version_of(served("other")))
    world.registry.delete("iris", None if whole_model else "1")

    assert [("iris", "Retarget"), ("iris", "Withdraw")] == world.changes()


class Overlooks(FakeEndpointControl):
    """Lists nothing, and knows everything by name."""

    def tagged(self, tag: str) -> list[Endpoint]:  # noqa: ARG002 - the port's
        return []


def test_an_endpoint_that_serves_and_is_not_listed_is_looked_at_by_itself() -> None:
    """Taking it for gone would be a needless deployment."""
    world = serving_world("iris")
    overlooking: Any = Overlooks(endpoint_of(LIVE))
    world.control = overlooking

    assert [] == world.changes()


def test_what_the_registry_does_not_answer_is_not_taken_for_gone() -> None:
    """A reconciler that cannot see changes nothing."""
    world = serving_world("iris")
    world.registry.error = ConnectionError("down")
    before = dict(world.store.deployments)

    with pytest.raises(ConnectionError):
        world.run()
    assert before == world.store.deployments


def test_figures_count_what_serves_and_what_it_costs() -> None:
    """Of endpoints that are there, whoever needs them."""
    world = serving_world("iris", "other")
    world.have(STRAY)
    ended = with_endpoint(a_deployment(model_version="0", status=Status.FAILED, removed=True))
    world.store.add(ended)

    report = world.reconciler().run(dry_run=True)

    assert (2, 3) == (report.serving, report.endpoints)
    assert 0.134 == pytest.approx(report.hourly_cost_usd)


def test_an_endpoint_that_was_taken_over_costs_once() -> None:
    """Two records name it."""
    earlier = served(status=Status.STOPPED)
    again = a_deployment(requested_at=NOON + timedelta(hours=1), registered_at=NOON)
    world = World(earlier, again, versions=(a_version(),))
    del world.control.endpoints[name_of(again)]
    assert world.store.transfer_endpoint(earlier, again)
    world.store.activate(world.record(again))

    report = world.reconciler().run(dry_run=True)

    assert 1 == report.endpoints
    assert 0.067 == pytest.approx(report.hourly_cost_usd)


def test_an_address_is_the_apis() -> None:
    """What people copy from the registry's page works."""
    world = World(LIVE, versions=(a_version(),))

    assert [("iris", "Tell")] == world.changes()
    assert f"{API}/models/iris/predict" == world.tags()["hokus.url"]


def test_the_provider_that_does_not_answer_is_not_taken_for_empty() -> None:
    """Everything would be deployed once more."""
    world = serving_world("iris")
    world.control.meanwhile = lambda: _raise(ProviderUnavailableError("no answer"))

    with pytest.raises(ProviderUnavailableError):
        world.run()
    assert [] == world.workflow.started


def _raise(error: Exception) -> None:
    raise error

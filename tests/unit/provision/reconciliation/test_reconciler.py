"""A reconciliation makes the planned changes, and isolates the failures of single models."""

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
NO_CHANGES: dict[str, Any] = {"dry_run": False, "models": 1, "failed": 0} | {
    each: [] for each in ("changes", "held", "unreadable")
}


# One change of each kind.


def test_without_differences_nothing_is_changed() -> None:
    """In repeated runs."""
    world = serving_world("iris")
    before = world.snapshot()

    assert [NO_CHANGES, NO_CHANGES] == [world.run(), world.run()]
    assert before == world.snapshot()


def test_a_registration_without_a_webhook_is_deployed() -> None:
    """Desired item, record and execution exist, and the tags in MLflow are updated."""
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
    assert NO_CHANGES | {"changes": expected} == report
    assert [] == world.changes()


def test_a_model_deleted_in_mlflow_is_undeployed_and_retired() -> None:
    """It stops serving at once; its endpoint is deleted when its last callers are done."""
    world = World(LIVE)

    assert [("iris", "Retarget"), ("iris", "Withdraw")] == world.changes()

    record = world.record(LIVE)
    assert (Status.STOPPED, "Deleted in MLflow.") == (record.status, record.reason)
    assert ({}, [("iris", LIVE.id)]) == (world.store.live_ids, world.workflow.retiring)
    assert world.control.endpoints
    assert world.store.desired_deployments["iris"].deployment_id is None


def test_an_abandoned_deployment_gets_another_execution() -> None:
    """With a name of its own."""
    stuck = a_deployment(registered_at=NOON, execution_arn="ended")
    world = World(stuck, versions=(a_version(),))

    assert [("iris", "Restart"), ("iris", "Tell")] == world.changes()

    arn = world.workflow.execution_arn(stuck.id, run=2)
    assert [(stuck.id, 2)] == world.workflow.runs
    assert (2, arn) == (world.record(stuck).run, world.record(stuck).execution_arn)


def test_a_deployment_whose_executions_keep_dying_fails() -> None:
    """Its tags say so; it is retried later, as the model may not be at fault."""
    dying = a_deployment(registered_at=NOON, run=5, endpoint_name=name_of(LIVE))
    world = World(dying, versions=(a_version(),))

    assert [("iris", "GiveUp"), ("iris", "Tell")] == world.changes()

    record = world.record(dying)
    reason = "None of 5 executions of the workflow came to an end."
    assert (Status.FAILED, reason, True) == (record.status, record.reason, record.retryable)
    assert ({}, True) == (world.control.endpoints, record.endpoint.removed)
    assert ("failed", reason) == (world.tags()["hokus.status"], world.tags()["hokus.reason"])


def test_a_paused_endpoint_is_resumed() -> None:
    """Nothing else is changed."""
    world = serving_world("iris")
    world.control.become(name_of(LIVE), EndpointState.PAUSED)

    assert [("iris", "Resume")] == world.changes()
    assert EndpointState.STARTING is world.control.endpoints[name_of(LIVE)].state


def test_resources_left_over_are_deleted() -> None:
    """An execution died before its clean-up."""
    stopped = served(version="0", status=Status.STOPPED, requested_at=NOON - timedelta(hours=1))
    world = World(stopped, LIVE, versions=(version_of(LIVE),))

    assert [("iris", "Remove")] == world.changes()
    assert [name_of(LIVE)] == list(world.control.endpoints)
    assert world.record(stopped).endpoint.removed


def test_a_stray_endpoint_is_deleted_and_a_foreign_one_is_not() -> None:
    """Only endpoints with this installation's tag are ours."""
    world = serving_world("iris")
    for each in (STRAY, FOREIGN):
        world.have(each)

    assert [("", "DeleteEndpoint")] == world.changes()
    assert world.control.describe(STRAY.name) is None
    assert {name_of(LIVE), FOREIGN.name} == set(world.control.endpoints)
    assert STRAY.repository not in world.control.repositories


def test_a_stale_tag_is_updated() -> None:
    """Somebody changed it by hand."""
    world = serving_world("iris")
    truth = world.tags()
    world.registry.tag("iris", "1", "hokus.status", "failed")
    world.registry.tag("iris", "1", "hokus.reason", "I said so.")

    assert [("iris", "Tell")] == world.changes()
    assert truth == world.tags()


def test_an_unknown_kind_of_change_is_a_bug() -> None:
    """Otherwise it would be planned forever."""
    change: Any = object()

    with pytest.raises(NotImplementedError, match="object of iris"):
        World().reconciler().maker.make(change, "iris")


# What is looked at.


def test_a_single_model_is_reconciled_alone() -> None:
    """Other models and stray endpoints are left to the schedule."""
    world = World(versions=(a_version(), a_version(name="other")))
    world.have(STRAY)

    report = world.run(model_id="iris")

    assert 1 == report["models"]
    assert {"iris"} == {each["model_id"] for each in report["changes"]}
    assert [STRAY.name] == list(world.control.endpoints)


def test_an_unknown_model_needs_no_change() -> None:
    """An operator has mistyped it."""
    assert NO_CHANGES == World().run(model_id="nobody")


def test_a_single_deleted_model_is_undeployed() -> None:
    """The registry answers that no model has this name."""
    assert [("iris", "Retarget"), ("iris", "Withdraw")] == World(LIVE).changes(model_id="iris")


class Forgets(FakeModelRegistry):
    """A registry whose listing lacks the model `iris`, or its version 1."""

    whole_model = True

    def models(self) -> list[RegisteredModel]:
        others = [each for each in super().models() if each.name != "iris"]
        if self.whole_model:
            return others
        return [*others, RegisteredModel(name="iris", versions=(), aliases={})]


@pytest.mark.parametrize("whole_model", [True, False])
def test_a_live_version_missing_from_the_listing_is_read_directly(whole_model: bool) -> None:
    """A listing in pages can miss a version that moves between them."""
    world = serving_world("iris", "other")
    world.registry = Forgets(version_of(LIVE), version_of(served("other")))
    world.registry.whole_model = whole_model

    assert [] == world.changes()


@pytest.mark.parametrize("whole_model", [True, False])
def test_a_live_version_that_cannot_be_read_directly_is_gone(whole_model: bool) -> None:
    """Then the listing was right."""
    world = serving_world("iris", "other")
    world.registry = FakeModelRegistry(version_of(LIVE), version_of(served("other")))
    world.registry.delete("iris", None if whole_model else "1")

    assert [("iris", "Retarget"), ("iris", "Withdraw")] == world.changes()


class Overlooks(FakeEndpointControl):
    """An endpoint control whose listing is empty; reading by name works."""

    def tagged(self, tag: str) -> list[Endpoint]:  # noqa: ARG002 - the port's
        return []


def test_a_live_endpoint_missing_from_the_listing_is_read_directly() -> None:
    """Taking it for gone would cause a needless deployment."""
    world = serving_world("iris")
    overlooking: Any = Overlooks(endpoint_of(LIVE))
    world.control = overlooking

    assert [] == world.changes()


def test_a_registry_that_does_not_answer_causes_no_change() -> None:
    """It is not taken for empty."""
    world = serving_world("iris")
    world.registry.error = ConnectionError("down")
    before = dict(world.store.deployments)

    with pytest.raises(ConnectionError):
        world.run()
    assert before == world.store.deployments


def test_metrics_count_live_deployments_and_endpoints() -> None:
    """Of records that have ended only the endpoints that exist."""
    world = serving_world("iris", "other")
    world.have(STRAY)
    ended = with_endpoint(a_deployment(model_version="0", status=Status.FAILED, removed=True))
    world.store.add(ended)

    report = world.reconciler().run(dry_run=True)

    assert (2, 3) == (report.serving, report.endpoints)


def test_the_url_in_the_tags_is_the_apis() -> None:
    """Callers can copy it from MLflow."""
    world = World(LIVE, versions=(a_version(),))

    assert [("iris", "Tell")] == world.changes()
    assert f"{API}/models/iris/predict" == world.tags()["hokus.url"]


def test_a_provider_that_does_not_answer_causes_no_change() -> None:
    """Taken for empty, every model would be deployed again."""
    world = serving_world("iris")
    world.control.meanwhile = lambda: _raise(ProviderUnavailableError("no answer"))

    with pytest.raises(ProviderUnavailableError):
        world.run()
    assert [] == world.workflow.started


def _raise(error: Exception) -> None:
    raise error

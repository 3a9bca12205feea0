"""Records of ended deployments: which of them nothing depends on, and that they then expire."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.provision.reconciliation.settling import is_settled
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import a_version
from tests.unit.provision.endpoints import with_endpoint
from tests.unit.provision.reconciliation.world import World, served, version_of

HOUR = timedelta(hours=1)
LIVE = served(version="5", requested_at=NOON, registered_at=NOON)


def ended(status: Status, version: str, *, after: timedelta = -HOUR, **changes: Any) -> Deployment:
    """Return a deployment that has ended, requested so long after the live one."""
    values = {"registered_at": NOON + after, "removed": True, "announced": status, **changes}
    return with_endpoint(
        a_deployment(model_version=version, requested_at=NOON + after, status=status, **values)
    )


def settled(deployment: Deployment, *others: Deployment, undeployed: bool = False) -> bool:
    store = FakeDeploymentStore(deployment, *others)
    if undeployed:
        del store.desired_deployments["iris"]
    elif LIVE in others:
        store.desired_deployments |= FakeDeploymentStore(LIVE).desired_deployments
    return is_settled(deployment, store.state("iris"))


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED])
@pytest.mark.parametrize("changes", [{}, {"removed": False, "handed_to": LIVE.id}])
def test_what_ended_before_the_live_version_is_settled(
    status: Status, changes: dict[str, Any]
) -> None:
    """Once its endpoint is gone, or another deployment's."""
    assert settled(ended(status, "1", **changes), LIVE)


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED])
def test_an_endpoint_or_files_that_are_left_keep_a_record(status: Status) -> None:
    """They are deleted, or reused, by it."""
    assert not settled(ended(status, "1", removed=False), LIVE)


@pytest.mark.parametrize("status", [Status.PENDING, Status.DEPLOYING, Status.DEPLOYED])
def test_what_has_not_ended_is_not_settled(status: Status) -> None:
    """A record without an endpoint is on its way."""
    assert not settled(a_deployment(status=status, removed=True), LIVE)


def test_a_failure_of_a_newer_version_is_kept() -> None:
    """Without it the version would be tried again."""
    newest = ended(Status.FAILED, "6", after=HOUR)

    assert not settled(newest, LIVE)
    assert settled(newest, LIVE, undeployed=True)


def test_failures_are_kept_while_nothing_serves() -> None:
    """Every version is a candidate then."""
    assert not settled(ended(Status.FAILED, "1"), ended(Status.FAILED, "2", after=HOUR))


def test_only_the_last_attempt_at_a_version_is_kept() -> None:
    """It knows how many there were."""
    first, second = (
        ended(Status.FAILED, "6", after=HOUR, attempt=number, retryable=True) for number in (1, 2)
    )

    assert settled(first, second, LIVE)
    assert not settled(second, first, LIVE)


def test_the_desired_deployment_is_kept() -> None:
    """It was stopped by hand, and is still named."""
    assert not settled(ended(Status.STOPPED, "6", after=HOUR))


def test_a_settled_record_expires_90_days_after_its_last_change() -> None:
    """The reconciler says so once, and does not read it again."""
    old = ended(Status.STOPPED, "1")
    world = World(old, LIVE, versions=(version_of(LIVE),))
    world.store.desired_deployments |= FakeDeploymentStore(LIVE).desired_deployments
    for each in list(world.control.endpoints):
        if each == old.endpoint.name:
            del world.control.endpoints[each]

    assert [("iris", "Settle")] == world.changes()
    assert int((old.updated_at + timedelta(days=90)).timestamp()) == world.record(old).expiration
    assert [] == world.changes()


def test_the_tags_of_a_version_stay_when_its_record_has_expired() -> None:
    """They are still true."""
    tags = {"hokus.status": "failed", "hokus.reason": "No signature.", "hokus.deployment_id": "1"}
    gone = a_version(version="1", registered_at=NOON - HOUR, tags=tags)
    world = World(LIVE, versions=(gone, version_of(LIVE)))

    assert [] == world.changes()


def test_a_settled_record_whose_endpoint_appears_is_looked_at() -> None:
    """What was asked for before the removal can appear after it."""
    old = ended(Status.FAILED, "1", expiration=1_900_000_000)
    world = World(old, LIVE, versions=(version_of(LIVE),))
    world.store.desired_deployments |= FakeDeploymentStore(LIVE).desired_deployments

    assert [("iris", "Remove")] == world.changes()

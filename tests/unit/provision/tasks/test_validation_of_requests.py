"""Validation of the request: the version may be deployed, serves already, or reuses an endpoint."""

from datetime import timedelta

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import (
    Deployment,
    RequestedBy,
    Status,
)
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.tasks.runner import TaskOutcome, failed, superseded
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import a_version
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.tasks.validating import (
    ADOPTED,
    AGAIN,
    LIVE,
    LIVE_ALREADY,
    OPTED_OUT,
    STOPPED,
    knowing,
    tags_of,
    validate,
)

OPERATORS = f"{OPTED_OUT} Remove the tag to deploy it."


@pytest.mark.parametrize(
    ("origin", "attempt", "expected"),
    [
        (RequestedBy.REGISTRY, 1, superseded(OPTED_OUT)),
        (RequestedBy.REGISTRY, 2, superseded(OPTED_OUT)),
        (RequestedBy.OPERATOR, 1, failed(OPERATORS, retryable=True)),
        (RequestedBy.OPERATOR, 2, failed(OPERATORS, retryable=True)),
    ],
)
def test_an_opted_out_version_is_not_deployed(
    origin: RequestedBy, attempt: int, expected: TaskOutcome
) -> None:
    """Whoever requests it; an operator learns what to do, and it is tried again without the tag."""
    requested = a_deployment(status=Status.PENDING, origin=origin, attempt=attempt)
    store = FakeDeploymentStore(requested)
    registry = knowing(a_version(tags={"hokus.deploy": "False"}))

    assert expected == validate(registry, store, deployment=requested)
    assert requested == store.deployments[requested.id]


@pytest.mark.parametrize(
    ("aliases", "origin", "attempt", "expected"),
    [
        ((), RequestedBy.REGISTRY, 1, "superseded"),
        (("challenger",), RequestedBy.REGISTRY, 1, "superseded"),
        (("challenger", "champion"), RequestedBy.REGISTRY, 1, "valid"),
        ((), RequestedBy.OPERATOR, 1, "valid"),
        ((), RequestedBy.REGISTRY, 2, "valid"),
    ],
)
def test_if_an_alias_decides_only_its_version_is_deployed(
    aliases: tuple[str, ...], origin: RequestedBy, attempt: int, expected: str
) -> None:
    """Requests of operators and of the reconciler are already decided."""
    requested = a_deployment(status=Status.PENDING, origin=origin, attempt=attempt)
    registry = knowing(a_version(aliases=aliases))

    outcome = validate(
        registry, FakeDeploymentStore(requested), deployment=requested, alias="champion"
    )

    assert expected == outcome.name
    if expected == "superseded":
        assert "The alias `champion` does not name this version." == outcome.reason


def test_a_version_that_serves_is_not_deployed_again() -> None:
    """A late webhook is another request; the live deployment becomes the desired one again."""
    store = FakeDeploymentStore(LIVE, AGAIN)
    seen = DesiredDeployment.of(AGAIN, registry_version="1")
    store.set_desired(seen, expected=store.desired("iris"))

    assert LIVE_ALREADY == validate(knowing(a_version()), store, deployment=AGAIN)
    assert DesiredDeployment.of(LIVE, registry_version="1") == store.desired("iris")


def test_a_newer_desired_deployment_is_kept() -> None:
    """A request arrived during the validation."""
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=2))
    store = FakeDeploymentStore(LIVE, AGAIN)
    set_desired(store, newer)

    assert LIVE_ALREADY == validate(knowing(a_version()), store, deployment=AGAIN)
    assert DesiredDeployment.of(newer) == store.desired("iris")


@pytest.mark.parametrize(
    ("live", "requested"),
    [
        (changed(LIVE, model_version="2"), AGAIN),
        (changed(LIVE, registered_at=NOON - timedelta(days=1)), AGAIN),
        (LIVE, changed(AGAIN, origin=RequestedBy.OPERATOR)),
        (LIVE, changed(AGAIN, attempt=2)),
    ],
)
def test_a_different_or_broken_live_deployment_is_replaced(
    live: Deployment, requested: Deployment
) -> None:
    """Another version or registration, an operator's redeployment, or a broken endpoint."""
    store = FakeDeploymentStore(live, requested)

    assert TaskOutcome(name="valid") == validate(knowing(a_version()), store, deployment=requested)


@pytest.mark.parametrize("times", [1, 2])
def test_an_endpoint_that_still_runs_is_reused(times: int) -> None:
    """Without checking compatibility again, since it has passed before.

    A retry has the same result.
    """
    store, registry = FakeDeploymentStore(STOPPED, AGAIN), knowing(a_version())

    for _ in range(times):
        outcome = validate(
            registry,
            store,
            deployment=AGAIN,
            reasons=(Incompatibility("The budget is spent.", retryable=True),),
            endpoints=(endpoint_of(STOPPED),),
        )

    assert ADOPTED == outcome
    taken = store.deployments[AGAIN.id]
    assert (Status.DEPLOYING, STOPPED.id) == (taken.status, taken.endpoint.adopted_from)
    assert "deploying" == tags_of(registry)["hokus.status"]


def test_an_endpoint_of_a_deleted_version_is_not_reused() -> None:
    """Another version was registered with its number since."""
    store = FakeDeploymentStore(STOPPED, AGAIN)
    registry = knowing(a_version(registered_at=NOON + timedelta(minutes=30)))

    outcome = validate(registry, store, deployment=AGAIN, endpoints=(endpoint_of(STOPPED),))

    assert TaskOutcome(name="valid") == outcome
    assert store.deployments[AGAIN.id].endpoint.adopted_from is None

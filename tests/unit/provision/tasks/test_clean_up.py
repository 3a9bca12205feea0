"""The clean-up deletes everything that costs money, and nothing that is in use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.record import Status
from functions.common.providers.base import (
    ProviderUnavailableError,
)
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.tasks.cleaning_up import (
    DEPLOYMENT,
    ENDPOINT,
    FAILED,
    NAME,
    REPOSITORY,
    Interrupted,
    Unreachable,
    a_control,
    caught,
    clean_up,
)


def test_endpoint_and_repository_are_deleted() -> None:
    """The record ends, too."""
    control = a_control(ENDPOINT)

    outcome, _record = clean_up(FAILED, control=control)

    assert TaskOutcome(name="cleaned") == outcome
    assert ({}, set()) == (control.endpoints, control.repositories)


def test_a_repository_without_an_endpoint_is_deleted() -> None:
    """The step after packaging had failed."""
    control = a_control()

    clean_up(FAILED, control=control)

    assert set() == control.repositories


def test_the_clean_up_repeats_until_everything_is_deleted() -> None:
    """The record ends in the first run; further runs only finish the deletion."""
    control, store = a_control(ENDPOINT, slow_deletes=2), FakeDeploymentStore(DEPLOYMENT)

    first, record = clean_up(FAILED, control=control, store=store)
    assert (TaskOutcome(name="deleting"), Status.FAILED) == (first, record.status)
    assert not record.endpoint.removed

    later = {"result": {"outcome": "deleting"}}
    assert TaskOutcome(name="cleaned") == clean_up(later, control=control, store=store)[0]
    outcome, record = clean_up(later, control=control, store=store)
    assert TaskOutcome(name="cleaned") == outcome
    assert (Status.FAILED, "No signature.") == (record.status, record.reason)
    assert record.endpoint.removed
    assert ({}, set()) == (control.endpoints, control.repositories)


def test_an_endpoint_of_another_owner_is_kept() -> None:
    """Whatever its name."""
    control = a_control(replace(ENDPOINT, tags=("theirs",)))

    outcome, _record = clean_up(FAILED, control=control)

    assert "cleaned" == outcome.name
    assert ([NAME], {REPOSITORY}) == (list(control.endpoints), control.repositories)


def test_a_live_deployment_is_left_alone() -> None:
    """Its activation had succeeded, but the result was lost."""
    control = a_control(ENDPOINT)
    live = changed(DEPLOYMENT, status=Status.DEPLOYED)

    outcome, record = clean_up(caught("activate: X"), deployment=live, control=control)

    assert "cleaned" == outcome.name
    assert (Status.DEPLOYED, None) == (record.status, record.reason)
    assert control.endpoints


def test_a_replaced_deployment_is_left_to_its_retirement() -> None:
    """Cached lookups lead to it for some seconds more."""
    control = a_control(ENDPOINT)
    live = changed(DEPLOYMENT, status=Status.DEPLOYED)
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
    store = FakeDeploymentStore(live, newer)
    store.activate(newer)

    clean_up(caught("activate: X"), control=control, store=store)

    assert control.endpoints


@pytest.mark.parametrize(
    ("control", "store"),
    [
        (Unreachable(ENDPOINT), FakeDeploymentStore(DEPLOYMENT)),
        (FakeEndpointControl(ENDPOINT), Interrupted(DEPLOYMENT)),
    ],
)
def test_a_crash_between_record_and_removal_is_repaired_by_the_retry(
    control: FakeEndpointControl, store: FakeDeploymentStore
) -> None:
    """The failure is visible at once; the deletion follows as soon as possible."""
    with pytest.raises((ProviderUnavailableError, RuntimeError)):
        clean_up(FAILED, control=control, store=store)
    record = store.deployments[DEPLOYMENT.id]
    assert (Status.FAILED, "No signature.", False) == (
        record.status,
        record.reason,
        record.endpoint.removed,
    )

    outcome, record = clean_up(caught("clean_up: X"), control=control, store=store)
    assert TaskOutcome(name="cleaned") == outcome
    assert ("No signature.", True, {}) == (
        record.reason,
        record.endpoint.removed,
        control.endpoints,
    )


def test_a_superseded_deployment_is_removed_by_the_retry() -> None:
    """It is stopped like a replaced one, but its removal has begun."""
    control, store = a_control(ENDPOINT, slow_deletes=2), FakeDeploymentStore(DEPLOYMENT)
    superseded = {"result": {"outcome": "superseded", "reason": "A newer request."}}

    first, record = clean_up(superseded, control=control, store=store)
    assert ("deleting", Status.STOPPED) == (first.name, record.status)

    assert TaskOutcome(name="cleaned") == clean_up(superseded, control=control, store=store)[0]
    assert {} == control.endpoints


def test_a_reused_endpoint_is_deleted_with_the_failed_rollback() -> None:
    """The deployment that it was created for had ended."""
    earlier = a_deployment(
        status=Status.STOPPED,
        requested_at=NOON - timedelta(hours=1),
        endpoint_name="hokus-iris-earlier",
    )
    store = FakeDeploymentStore(earlier, DEPLOYMENT)
    set_desired(store, DEPLOYMENT)
    assert store.transfer_endpoint(earlier, DEPLOYMENT)
    control = FakeEndpointControl(endpoint_of(earlier, name="hokus-iris-earlier"))

    outcome, record = clean_up(FAILED, control=control, store=store)

    assert TaskOutcome(name="cleaned") == outcome
    assert (True, {}) == (record.endpoint.removed, control.endpoints)

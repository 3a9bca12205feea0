"""The clean-up: the record has its reason, and nothing that costs money is left."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import (
    Endpoint,
    EndpointState,
    ProviderUnavailableError,
)
from functions.provision.removal import Removal
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.unit.provision.endpoints import endpoint_of, name_of

DEPLOYMENT = a_deployment()
NAME = name_of(DEPLOYMENT)
REPOSITORY = f"acme/{NAME}"
ENDPOINT = endpoint_of(DEPLOYMENT, state=EndpointState.FAILED, url=None)
FAILED = {"result": {"outcome": "failed", "reason": "No signature."}}


def clean_up(
    state: dict[str, Any],
    *,
    deployment: Deployment = DEPLOYMENT,
    control: FakeEndpointControl | None = None,
    store: FakeDeploymentStore | None = None,
) -> tuple[TaskOutcome, Deployment]:
    """Run the task; return the outcome and the record."""
    store = store or FakeDeploymentStore(deployment)
    control = control or FakeEndpointControl()
    removal = Removal(store=store, control=control, namespace="acme")
    cleaning = CleanUp(store=store, removal=removal)
    outcome = cleaning.clean_up(store.deployments[deployment.id], state)
    return outcome, store.deployments[deployment.id]


def a_control(*endpoints: Endpoint, slow_deletes: int = 0) -> FakeEndpointControl:
    control = FakeEndpointControl(*endpoints, slow_deletes=slow_deletes)
    control.repositories.add(REPOSITORY)
    return control


def caught(message: str, error: str = "TaskError") -> dict[str, Any]:
    """Return the error that Step Functions catches from a Python function."""
    return {"failure": {"Error": error, "Cause": json.dumps({"errorMessage": message})}}


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        (FAILED, Status.FAILED, "No signature."),
        (
            {"result": {"outcome": "failed", "reason": "Quota.", "retryable": True}},
            Status.FAILED,
            "Quota.",
        ),
        (
            {"result": {"outcome": "superseded", "reason": "A newer version is already live."}},
            Status.STOPPED,
            "A newer version is already live.",
        ),
        (
            {"result": {"outcome": "ignored", "reason": "MLflow does not know this version."}},
            Status.STOPPED,
            "MLflow does not know this version.",
        ),
        (
            caught("create: Unavailable"),
            Status.FAILED,
            "The step create could not be completed after several attempts (Unavailable).",
        ),
        (
            FAILED | caught("verify: ProviderTimeoutError"),
            Status.FAILED,
            "The step verify could not be completed after several attempts (ProviderTimeoutError).",
        ),
        (
            {"failure": {"Error": "States.Timeout"}},
            Status.FAILED,
            "The step validate could not be completed after several attempts (States.Timeout).",
        ),
    ],
)
def test_the_record_ends_with_its_reason(
    state: dict[str, Any], status: Status, reason: str
) -> None:
    """A caught error takes precedence over a task's outcome."""
    outcome, record = clean_up(state)

    assert TaskOutcome(name="cleaned") == outcome
    assert (status, reason) == (record.status, record.reason)


WENT_AWAY = (
    "The model's endpoint was healthy, and went away whenever it was asked for a prediction: it "
    "probably crashes or runs out of memory. See the endpoint's log."
)


@pytest.mark.parametrize("kind", ["ModelNotReadyError", "ModelWarmingUpError"])
def test_an_endpoint_that_crashes_on_predictions_fails_permanently(kind: str) -> None:
    """It was away at every retry; another deployment of the model would crash too."""
    _outcome, record = clean_up(caught(f"verify: {kind}"))

    assert (Status.FAILED, WENT_AWAY) == (record.status, record.reason)
    assert not record.retryable


@pytest.mark.parametrize(
    ("state", "retryable"),
    [
        (FAILED, False),
        ({"result": {"outcome": "failed", "reason": "Quota.", "retryable": True}}, True),
        ({"result": {"outcome": "failed", "reason": "Bad.", "retryable": False}}, False),
        ({"result": {"outcome": "superseded", "reason": "A newer request."}}, False),
        ({"result": {"outcome": "ignored", "reason": "Not known."}}, False),
        (caught("validate: MlflowException"), True),
        (caught("check: ModelWarmingUpError"), True),
        (caught("verify: RateLimitedError"), True),
        ({"failure": {"Error": "States.Timeout"}}, True),
        ({}, True),
    ],
)
def test_the_record_says_whether_the_failure_is_temporary(
    state: dict[str, Any], retryable: bool
) -> None:
    """An error in our own steps is temporary; a task's outcome says it itself."""
    _outcome, record = clean_up(state)

    assert retryable == record.retryable


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"result": None},
        {"result": {"outcome": "waiting"}},
        {"result": {"outcome": "superseded"}},
        {"failure": "text"},
        {"failure": {"Error": "TaskError"}},
        {"failure": {"Error": "TaskError", "Cause": "not JSON"}},
        {"failure": {"Error": "TaskError", "Cause": "[]"}},
        {"failure": {"Error": "TaskError", "Cause": '{"errorMessage": "no colon"}'}},
    ],
)
def test_any_input_ends_the_record(state: dict[str, Any]) -> None:
    """A clean-up that fails on its input would leave an endpoint running."""
    _outcome, record = clean_up(state)

    assert Status.FAILED is record.status
    assert record.reason


def test_endpoint_and_repository_are_deleted() -> None:
    """Even if the record lacks them because the result of the creating step was lost."""
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


class Unreachable(FakeEndpointControl):
    """A provider that is down for one call."""

    calls = 0

    def describe(self, name: str) -> Endpoint | None:
        self.calls += 1
        if self.calls == 1:
            raise ProviderUnavailableError("no answer")
        return super().describe(name)


class Interrupted(FakeDeploymentStore):
    """A table that is down for one call."""

    calls = 0

    def begin_removal(self, deployment: Deployment) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("throttled")
        return super().begin_removal(deployment)


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

"""Validation when the monthly budget is used up."""

from functools import partial

import pytest

from functions.common.deployments.record import Status
from functions.common.providers.base import EndpointState
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import a_version
from tests.unit.provision.endpoints import endpoint_of, with_endpoint
from tests.unit.provision.tasks.validating import ADOPTED, AGAIN, LATER, PENDING, knowing, validate

LIVE = with_endpoint(a_deployment(status=Status.DEPLOYED, registered_at=NOON))
NEXT = a_deployment(model_version="2", status=Status.PENDING, requested_at=LATER)
validate_when_used_up = partial(validate, budget_usd=50.0, spent_usd=50.0)


def test_a_first_version_waits_for_the_next_month() -> None:
    """The reason says what for; the deployment is tried again by itself."""
    outcome = validate_when_used_up(knowing(a_version()), FakeDeploymentStore(PENDING))

    assert ("failed", True) == (outcome.name, outcome.retryable)
    assert outcome.reason == (
        "The budget of 50.00 USD for 2026-11 is used up: 50.00 USD are spent. The version is "
        "deployed by itself when the next month begins, or when MONTHLY_BUDGET_USD is raised."
    )


@pytest.mark.parametrize(("budget_usd", "spent_usd"), [(50, 49.99), (0, 1_000)])
def test_with_something_left_or_without_a_budget_it_is_valid(
    budget_usd: float, spent_usd: float
) -> None:
    """The threshold is the whole budget."""
    store = FakeDeploymentStore(PENDING)

    outcome = validate(knowing(a_version()), store, budget_usd=budget_usd, spent_usd=spent_usd)

    assert "valid" == outcome.name


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (EndpointState.RUNNING, "valid"),
        (EndpointState.STARTING, "valid"),
        (EndpointState.FAILED, "valid"),
        (None, "valid"),
        (EndpointState.ASLEEP, "failed"),
        (EndpointState.PAUSED, "failed"),
    ],
)
def test_a_new_version_may_replace_what_costs_as_much(
    state: EndpointState | None, outcome: str
) -> None:
    """An endpoint that is gone or has failed may be made anew; one at rest costs nothing now."""
    store = FakeDeploymentStore(LIVE, NEXT)
    endpoints = (endpoint_of(LIVE, state=state),) if state else ()
    version = a_version(version="2", registered_at=LATER)

    found = validate_when_used_up(knowing(version), store, deployment=NEXT, endpoints=endpoints)

    assert outcome == found.name


def test_a_dearer_version_waits() -> None:
    """The default hardware costs 0.067 USD an hour."""
    cheaper = with_endpoint(LIVE, hourly_cost_usd=0.033)
    store = FakeDeploymentStore(cheaper, NEXT)
    version = a_version(version="2", registered_at=LATER)

    found = validate_when_used_up(
        knowing(version), store, deployment=NEXT, endpoints=(endpoint_of(cheaper),)
    )

    assert ("failed", True) == (found.name, found.retryable)


def test_a_rollback_to_an_endpoint_that_still_stands_is_free() -> None:
    """Nothing new is made."""
    stopped = with_endpoint(a_deployment(status=Status.STOPPED, registered_at=NOON))
    store = FakeDeploymentStore(stopped, AGAIN)

    outcome = validate_when_used_up(
        knowing(a_version()), store, deployment=AGAIN, endpoints=(endpoint_of(stopped),)
    )

    assert ADOPTED == outcome

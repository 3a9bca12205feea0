"""Reconciliations when the monthly budget is used up."""

from datetime import datetime, timedelta

import pytest

from functions.common.circuits.state import CircuitState
from functions.common.deployments.record import Status
from functions.common.ledger.budget_use import BudgetAction
from functions.common.providers.base import EndpointState
from tests.builders import NOON, a_deployment
from tests.fakes.model_registry import a_version
from tests.unit.provision.endpoints import endpoint_of, name_of
from tests.unit.provision.reconciliation.world import World, served, version_of

LIVE = served()
NAME = name_of(LIVE)


def spent_world(action: BudgetAction = BudgetAction.SLEEP) -> World:
    """Return a world in which `iris` serves and has used up the budget of a dollar."""
    world = World(LIVE, versions=(version_of(LIVE),))
    world.have(endpoint_of(LIVE, created_at=NOON))
    world.monthly_budget_usd, world.budget_action = 1.0, action
    return world


def state_of(world: World) -> EndpointState:
    return world.control.endpoints[NAME].state


def call(world: World, *, at: datetime) -> None:
    """Note, as predict does, that the endpoint has answered."""
    world.circuit_states.kept[LIVE.id] = CircuitState().answered(at.timestamp())


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (BudgetAction.SLEEP, EndpointState.ASLEEP),
        (BudgetAction.PAUSE, EndpointState.PAUSED),
        (BudgetAction.NONE, EndpointState.RUNNING),
    ],
)
def test_an_idle_endpoint_is_stopped_as_the_setting_says(
    action: BudgetAction, state: EndpointState
) -> None:
    """It has cost 1.608 USD in a day, and nothing more from then on."""
    world = spent_world(action)

    changes = world.changes()

    stopped = [("iris", "StopIdle")] if action is not BudgetAction.NONE else []
    assert [("iris", "Tell"), *stopped] == sorted(changes, reverse=True)
    assert state is state_of(world)
    world.now += timedelta(days=1)
    world.changes()
    cost = 1.608 if stopped else 3.216
    assert cost == pytest.approx(world.ledger.month("iris", "2026-11").usd)


def test_a_busy_endpoint_is_never_stopped() -> None:
    """It was called within the last 15 minutes."""
    world = spent_world()
    call(world, at=world.now - timedelta(minutes=14))
    world.changes()
    assert EndpointState.RUNNING is state_of(world)

    world.now += timedelta(minutes=2)
    assert ("iris", "StopIdle") in world.changes()


def test_a_call_after_the_decision_keeps_it_up() -> None:
    """It is looked at once more right before."""
    world = spent_world()
    world.control.at_look = 2
    world.control.meanwhile = lambda: call(world, at=world.now)

    assert ("iris", "StopIdle") not in world.changes()
    assert EndpointState.RUNNING is state_of(world)


def test_a_model_with_a_deployment_in_progress_is_left_alone() -> None:
    """Its endpoint may be taken over."""
    world = spent_world()
    coming = a_deployment(
        model_version="2", status=Status.DEPLOYING, updated_at=world.now, requested_at=world.now
    )
    world.store.add(coming)

    assert ("iris", "StopIdle") not in world.changes()
    assert EndpointState.RUNNING is state_of(world)


def test_a_paused_endpoint_is_resumed_in_the_next_month() -> None:
    """Or when the budget is raised."""
    world = spent_world(BudgetAction.PAUSE)
    world.changes()
    world.now += timedelta(hours=1)
    assert [] == world.changes()

    world.monthly_budget_usd = 5.0
    assert [("iris", "Resume")] == world.changes(dry_run=True)
    world.monthly_budget_usd = 1.0
    world.now = world.now.replace(month=12, day=1)
    assert ("iris", "Resume") in world.changes()


def test_what_was_refused_is_deployed_when_there_is_a_budget_again() -> None:
    """Until then it is not tried again: each try would be one more failure on record."""
    world = spent_world()
    refused = a_deployment(
        model_id="wine",
        status=Status.FAILED,
        retryable=True,
        reason="The budget is used up.",
        registered_at=NOON,
    )
    world.store.add(refused)
    world.registry.register(a_version(name="wine"))

    for _ in range(3):
        world.now += timedelta(hours=1)
        assert ("wine", "Deploy") not in world.changes()

    world.monthly_budget_usd = 100.0
    assert ("wine", "Deploy") in world.changes()


def test_a_version_that_nobody_has_heard_of_is_tried_once() -> None:
    """Its validation fails, and the reason tells people why."""
    world = spent_world()
    world.registry.register(a_version(name="wine"))

    assert ("wine", "Deploy") in world.changes()


def test_undeploying_needs_no_budget() -> None:
    """It costs nothing."""
    world = spent_world()
    world.registry.delete("iris", None)

    assert ("iris", "Withdraw") in world.changes()


def test_a_dry_run_stops_and_counts_nothing() -> None:
    """It says what a run would do, by what was counted last."""
    world = spent_world()
    assert [] == world.changes(dry_run=True)
    assert {} == world.ledger.kept

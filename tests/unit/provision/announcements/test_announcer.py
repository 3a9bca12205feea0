"""What is announced of deployments by a reconciliation, once each."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, RequestedBy, Status, TimelineEntry
from functions.provision.announcements.announcer import NEWS_FOR
from functions.provision.announcements.event import SOURCE, Event
from tests.builders import NOON
from tests.fakes.model_registry import a_version
from tests.unit.provision.reconciliation.world import NOW, World, served, version_of

ROOT = Path(__file__).parents[4]
SCHEMA = jsonschema_rs.validator_for(json.loads((ROOT / "docs/events.schema.json").read_text()))
HOUR = timedelta(hours=1)


def activated(version: str, *, hours_ago: float = 1, **changes: Any) -> Deployment:
    """Return a deployment that went live so long ago."""
    at = NOW - hours_ago * HOUR
    timeline = (TimelineEntry(step="activate", time=at, outcome="activated"),)
    values = {"timeline": timeline, "requested_at": at, "updated_at": at, "announced": None}
    registered = NOON + timedelta(minutes=int(version))
    return served(version=version, **{**values, "registered_at": registered, **changes})


def failed(version: str, **changes: Any) -> Deployment:
    values = {"status": Status.FAILED, "reason": "No signature.", "removed": True}
    return activated(version, **{"timeline": (), **values, **changes})


def world_of(*deployments: Deployment) -> World:
    """Return a world in which all versions are registered."""
    versions = {each.model_version: each for each in deployments}.values()
    return World(
        *deployments,
        versions=tuple(version_of(each, registered_at=each.registered_at) for each in versions),
    )


def heard(world: World) -> list[Event]:
    """Reconcile; return the events, each of which must have the form of the schema."""
    world.events.published.clear()
    world.run()
    for each in world.events.published:
        detail = each.detail(installation="i", environment="production")
        event = {"source": SOURCE, "detail-type": each.kind, "time": detail["time"]}
        SCHEMA.validate({**event, "detail": detail})
    return world.events.published


def test_a_live_deployment_is_announced_once() -> None:
    """By the time at which it went live."""
    live = activated("3")
    world = world_of(live)

    (event,) = heard(world)

    assert ("model.live", NOW - HOUR) == (event.kind, event.time)
    assert "Model iris: version 3 is live." == event.summary
    assert {
        "model": "iris",
        "version": "3",
        "deployment_id": live.id,
        "reason": None,
        "requested_by": {"kind": "registry", "user_id": None},
        "replaced_version": None,
    } == event.facts
    assert [] == heard(world)


def test_one_model_is_announced_by_its_own_reconciliation() -> None:
    """That is what each workflow ends with."""
    world = world_of(activated("3"))

    world.run(model_id="iris")

    assert 1 == len(world.events.published)


def test_a_dry_run_announces_nothing() -> None:
    """It changes nothing at all."""
    world = world_of(activated("3"))

    world.run(dry_run=True)

    assert [] == world.events.published


def test_a_replaced_deployment_has_no_end_of_its_own() -> None:
    """The event of the one that replaced it names it."""
    first = activated("1", status=Status.STOPPED, reason="Replaced by version 2.", hours_ago=3)
    second = activated("2", replaced_id=first.id)

    events = heard(world_of(replace(first, announced=Status.DEPLOYED), second))

    assert [("model.live", "1")] == [(each.kind, each.facts["replaced_version"]) for each in events]
    assert "Model iris: version 2 is live, in place of 1." == events[0].summary


def test_a_version_that_served_before_is_rolled_back_to() -> None:
    """In place of another version, by the adoption of its endpoint or by a new one."""
    stopped = {"status": Status.STOPPED, "reason": "Replaced.", "announced": Status.STOPPED}
    first = activated("1", hours_ago=5, **stopped)
    second = activated("2", hours_ago=3, replaced_id=first.id, **stopped)
    again = activated("1", hours_ago=1, replaced_id=second.id, origin=RequestedBy.OPERATOR)

    (event,) = heard(world_of(first, second, replace(again, user_id="user-1")))

    assert ("model.rolled_back", again.id) == (event.kind, event.subject)
    assert "Model iris: version 1 serves again, not 2." == event.summary
    assert {"kind": "operator", "user_id": "user-1"} == event.facts["requested_by"]


def test_a_version_that_is_deployed_afresh_is_not_rolled_back_to() -> None:
    """It takes its own place."""
    stopped = {"status": Status.STOPPED, "reason": "Replaced.", "announced": Status.STOPPED}
    first = activated("1", hours_ago=5, **stopped)
    again = activated("1", replaced_id=first.id, origin=RequestedBy.OPERATOR)

    assert ["model.live"] == [each.kind for each in heard(world_of(first, again))]


@pytest.mark.parametrize(("attempt", "kind"), [(1, "operator"), (2, "reconciler")])
def test_a_failure_is_announced_with_its_reason(attempt: int, kind: str) -> None:
    """A later attempt is the reconciler's, at the same operator's request."""
    broken = failed("3", attempt=attempt, origin=RequestedBy.OPERATOR, user_id="user-1")
    world = world_of(broken)

    (event,) = heard(world)

    assert ("model.failed", "No signature.") == (event.kind, event.facts["reason"])
    assert "Model iris: version 3 has failed: No signature." == event.summary
    assert {"kind": kind, "user_id": "user-1"} == event.facts["requested_by"]
    assert [] == heard(world)


def test_what_never_served_is_not_undeployed() -> None:
    """A newer request has overtaken it; it is noted, so that its record can settle."""
    overtaken = failed("1", status=Status.STOPPED, reason="Another one was requested meanwhile.")
    world = world_of(overtaken, activated("2", announced=Status.DEPLOYED))

    assert [] == heard(world)
    assert Status.STOPPED is world.record(overtaken).announced


def test_an_undeployment_is_announced_in_the_run_that_makes_it() -> None:
    """With the operator who asked for it."""
    live = activated("1", announced=Status.DEPLOYED)
    world = world_of(live)
    world.store.desired_deployments["iris"] = DesiredDeployment(
        model_id="iris", requested_at=NOW, origin=RequestedBy.OPERATOR, user_id="user-2"
    )

    (event,) = heard(world)

    assert ("model.undeployed", "Undeployed by an operator.") == (event.kind, event.facts["reason"])
    assert {"kind": "operator", "user_id": "user-2"} == event.facts["requested_by"]
    assert [] == heard(world)


def test_a_version_that_is_deleted_is_undeployed_by_the_registry() -> None:
    """Nobody else asked."""
    world = World(activated("1"), versions=(a_version(name="iris", version="9", tags={}),))
    world.registry.delete("iris", "9")

    events = heard(world)

    assert ["model.live", "model.undeployed"] == [each.kind for each in events]
    assert {"kind": "registry", "user_id": None} == events[1].facts["requested_by"]


def test_a_bus_that_does_not_answer_delays_nothing_and_is_made_good() -> None:
    """It counts as a failure, and the record does not settle before."""
    broken, live = failed("1", hours_ago=9), activated("2")
    world = world_of(broken, live)
    world.events.broken = True

    report = world.run()

    assert 1 == report["failed"]
    assert "Settle" not in [each["change"] for each in report["changes"]]
    world.events.broken = False
    assert {"model.failed", "model.live"} == {each.kind for each in heard(world)}
    world.now += timedelta(minutes=1)
    assert ["Settle"] == [each["change"] for each in world.run()["changes"]]


def test_a_note_that_is_lost_repeats_an_event_with_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least once, and the id shows it."""
    world = world_of(activated("3"))
    with monkeypatch.context() as patched:
        patched.setattr(world.store, "update", lambda *_: (_ for _ in ()).throw(OSError))
        world.run()

    world.run()

    first, second = world.events.ids
    assert first == second


def test_what_is_old_is_noted_without_an_event() -> None:
    """An installation from before there were events does not announce its history."""
    old = activated("3", hours_ago=(NEWS_FOR + HOUR) / HOUR)
    world = world_of(old)

    assert [] == heard(world)
    assert Status.DEPLOYED is world.record(old).announced

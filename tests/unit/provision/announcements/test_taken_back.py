"""A version that was taken back, and the one that serves again, are announced once each."""

from dataclasses import replace

from functions.common.deployments import transitions
from functions.common.deployments.record import Deployment, Status
from tests.unit.provision.announcements.test_announcer import HOUR, activated, heard, world_of
from tests.unit.provision.reconciliation.world import NOW

REASON = "Taken back, version 1 serves again: 5 of its first 50 calls failed."


def taken_back(
    *, announced: Status | None, replaced_announced: Status | None
) -> tuple[Deployment, Deployment]:
    """Return version 1, which serves again, and version 2, which was taken back just now."""
    first = activated("1", hours_ago=3, announced=replaced_announced, status=Status.STOPPED)
    second = activated("2", hours_ago=1, replaced_id=first.id, announced=announced)
    again = transitions.serving_again(first, after=second, reason="Serves again.", at=NOW)
    failed = transitions.taken_back(second, reason=REASON, at=NOW)
    return again, replace(failed, updated_at=NOW)


def test_both_are_announced_with_the_reason() -> None:
    """One has failed, the other one serves in its place."""
    again, failed = taken_back(announced=Status.DEPLOYED, replaced_announced=Status.STOPPED)
    world = world_of(again, failed)

    ended, back = heard(world)

    assert ("model.failed", failed.id, REASON) == (ended.kind, ended.subject, ended.facts["reason"])
    assert ("model.rolled_back", f"{failed.id}:taken_back") == (back.kind, back.subject)
    assert f"Model iris: version 1 serves again, not 2: {REASON}" == back.summary
    assert {
        "model": "iris",
        "version": "1",
        "deployment_id": again.id,
        "reason": REASON,
        "requested_by": {"kind": "reconciler", "user_id": None},
        "replaced_version": "2",
    } == back.facts
    assert [] == heard(world)


def test_a_start_that_nobody_has_heard_of_comes_first() -> None:
    """The version was taken back before its start could be announced."""
    kinds = [
        (each.kind, each.facts["version"])
        for each in heard(world_of(*taken_back(announced=None, replaced_announced=None)))
    ]

    assert [
        ("model.live", "1"),
        ("model.live", "2"),
        ("model.failed", "2"),
        ("model.rolled_back", "1"),
    ] == kinds


def test_what_came_back_ends_as_any_other() -> None:
    """It was replaced, but by a version that was taken back: that was not its end."""
    again, failed = taken_back(announced=Status.DEPLOYED, replaced_announced=Status.STOPPED)
    noted = replace(failed, announced=Status.FAILED)
    undeployed = replace(again, status=Status.STOPPED, reason="Undeployed.", updated_at=NOW - HOUR)

    (event,) = heard(world_of(undeployed, noted))

    assert ("model.undeployed", again.id) == (event.kind, event.subject)


def test_what_came_back_and_is_replaced_has_no_end_of_its_own() -> None:
    """By a third version."""
    again, failed = taken_back(announced=Status.DEPLOYED, replaced_announced=Status.STOPPED)
    stopped = replace(again, status=Status.STOPPED, reason="Replaced by version 3.")
    third = activated("3", hours_ago=0, replaced_id=again.id)

    (event,) = heard(world_of(stopped, replace(failed, announced=Status.FAILED), third))

    assert ("model.live", "1") == (event.kind, event.facts["replaced_version"])

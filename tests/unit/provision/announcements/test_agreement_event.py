"""What came of a comparison is announced together with what became of the version."""

from dataclasses import replace
from datetime import timedelta

from functions.common.deployments.agreement import AgreementMode, AgreementResult
from functions.common.deployments.record import Deployment, Status
from tests.unit.provision.announcements.test_announcer import activated, failed, heard, world_of
from tests.unit.provision.reconciliation.world import NOW

RESULT = AgreementResult(
    mode=AgreementMode.HOLD,
    version="2",
    calls=250,
    agreeing=240,
    errors=1,
    largest_difference="0.12",
    live_ms=2_000,
    candidate_ms=2_500,
)


def compared(deployment: Deployment, *, held: bool) -> Deployment:
    """Return *deployment* with its comparison two hours ago."""
    timeline = deployment.timeline_with(
        "agree",
        "hold: 240 of 250 calls agree with version 2",
        at=NOW - timedelta(hours=2),
        agreement=replace(RESULT, held=held),
    )
    return replace(deployment, timeline=timeline)


def test_a_comparison_is_announced_before_the_version_is_live() -> None:
    """Once, with its figures."""
    world = world_of(compared(activated("3"), held=False))

    agreement, live = heard(world)

    assert ("model.agreement", "model.live") == (agreement.kind, live.kind)
    assert NOW - timedelta(hours=2) == agreement.time
    assert {
        "mode": "hold",
        "held": False,
        "live_version": "2",
        "calls": 250,
        "agreeing": 240,
        "errors": 1,
        "largest_difference": "0.12",
        "latency_ratio": 1.25,
        "of_example": False,
    } == agreement.facts["agreement"]
    assert [] == heard(world)


def test_a_version_that_was_held_back_has_both_events() -> None:
    """The reason is in the one of its failure."""
    agreement, ended = heard(world_of(compared(failed("3"), held=True)))

    assert ("model.agreement", "model.failed") == (agreement.kind, ended.kind)
    assert (True, None) == (agreement.facts["agreement"]["held"], agreement.facts["reason"])
    assert "No signature." == ended.facts["reason"]


def test_a_comparison_is_not_announced_again_when_the_version_stops() -> None:
    """It was when it went live."""
    live = compared(activated("3"), held=False)
    stopped = replace(live, status=Status.STOPPED, reason="Undeployed.", announced=Status.DEPLOYED)

    assert ["model.undeployed"] == [each.kind for each in heard(world_of(stopped))]

"""Versions that are compared with the live one, by made-up counts of calls."""

from datetime import timedelta

import pytest

from functions.common.agreements.tally import ComparedCall
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Status
from tests.fakes.provider.endpoints import Quality
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition
from tests.simulation.expected import ALIAS
from tests.simulation.invariants import check_always
from tests.simulation.world import World

AGREES, DIFFERS = ComparedCall(agrees=True), ComparedCall(agrees=False, difference=0.5)


class Compared:
    """A world in which versions of `iris` are registered and compared."""

    def __init__(self, mode: str, alias: str | None) -> None:
        self.world = World(definition(template_of("production")), DeployPolicy(alias), mode)
        self.number = 0
        self.release()

    def release(self, call: ComparedCall | None = None) -> str:
        """Register the next version; all calls that it is sent are like *call*."""
        self.number += 1
        version = str(self.number)
        self.world.register("iris", Quality.GOOD, opt_out=False)
        if self.world.policy.alias:
            self.world.move_alias("iris", version)
        while self.world.outbox:
            self.world.deliver(0)
        while call and not self.candidate():
            (running,) = self.world.workflow.running()
            self.world.step(running)
        for _ in range(20 if call else 0):
            live = self.world.store.live("iris")
            assert live
            assert call
            self.world.tallies.add(self.candidate() or "", live.id, call)
        self.settle()
        return version

    def candidate(self) -> str | None:
        live = self.world.store.live("iris")
        return live.candidate.id if live else None

    def settle(self) -> None:
        """Come to rest; what a day later brings is brought."""
        self.world.settle()
        check_always(self.world)
        self.world.now += timedelta(days=1)
        assert self.world.reconcile()
        self.world.settle()

    @property
    def live(self) -> str | None:
        live = self.world.store.live("iris")
        return live.model_version if live else None

    def statuses(self, version: str) -> list[Status]:
        found = self.world.store.state("iris").deployments
        return [each.status for each in found if each.model_version == version]

    def tag(self, version: str) -> str:
        known = self.world.registry.version("iris", version)
        return known.tags.get("hokus.agreement", "") if known else ""


@pytest.fixture(params=[None, ALIAS], ids=["newest", "alias"])
def alias(request: pytest.FixtureRequest) -> str | None:
    found: str | None = request.param
    return found


def test_a_version_that_differs_is_held_back_once(alias: str | None) -> None:
    """What serves goes on; the next good version takes its place."""
    it = Compared("hold", alias)

    bad = it.release(DIFFERS)

    assert ("1", [Status.FAILED]) == (it.live, it.statuses(bad))
    assert it.tag(bad).startswith("hold: 0 of 20 calls agree with version 1")
    good = it.release(AGREES)
    assert (good, [Status.DEPLOYED]) == (it.live, it.statuses(good))
    assert it.tag(good).startswith("hold: 20 of 20 calls agree with version 1")


def test_a_report_holds_nothing_back(alias: str | None) -> None:
    """It is on record."""
    it = Compared("report", alias)

    version = it.release(DIFFERS)

    assert version == it.live
    assert it.tag(version).startswith("report: 0 of 20 calls agree with version 1")


def test_a_person_lets_a_held_version_go_live(alias: str | None) -> None:
    """By the tag, and another deployment."""
    it = Compared("hold", alias)
    held = it.release(DIFFERS)
    it.world.registry.tag("iris", held, "hokus.agreement", "off")

    it.world.operate("iris", held)
    it.settle()

    assert held == it.live


def test_a_rollback_is_not_compared(alias: str | None) -> None:
    """It would be compared with what is bad, and take its time."""
    it = Compared("hold", alias)
    it.release(AGREES)
    began = it.world.now

    it.world.operate("iris", "1")
    while it.live != "1":
        it.world.step(it.world.workflow.running()[0])

    assert it.candidate() is None
    assert it.world.now - began < timedelta(minutes=5)


def test_a_newer_request_ends_a_comparison(alias: str | None) -> None:
    """The version that was being compared is cleaned up, and the newer one compared."""
    it = Compared("hold", alias)
    it.world.register("iris", Quality.GOOD, opt_out=False)
    if alias:
        it.world.move_alias("iris", "2")
    it.number = 2
    while it.world.outbox:
        it.world.deliver(0)
    while not it.candidate():
        it.world.step(it.world.workflow.running()[0])

    newer = it.release()

    assert newer == it.live
    assert [Status.STOPPED] == it.statuses("2")

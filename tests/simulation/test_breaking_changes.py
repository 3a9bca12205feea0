"""What breaks callers goes live when a person lets it, and never by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Status
from tests.fakes.provider.endpoints import Quality
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition
from tests.simulation.expected import ALIAS
from tests.simulation.world import World


class Releases:
    """A world in which versions of `iris` are registered one after the other."""

    def __init__(self, policy: DeployPolicy) -> None:
        self.world = World(definition(template_of("production")), policy)

    def release(self, version: str, quality: Quality, tags: dict[str, str]) -> None:
        """Register a version, which the alias names if one decides, and wait."""
        world = self.world
        world.register("iris", quality, opt_out=False)
        known: Any = world.registry.version("iris", version)
        world.registry.register(replace(known, tags=tags))
        if world.policy.alias:
            world.move_alias("iris", version)
        self.wait()

    def wait(self) -> None:
        """Deliver every webhook and come to rest; what a day later brings is brought."""
        while self.world.outbox:
            self.world.deliver(0)
        self.world.settle()
        self.world.now += timedelta(days=1)
        assert self.world.reconcile()
        self.world.settle()

    @property
    def live(self) -> str | None:
        live = self.world.store.live("iris")
        return live.model_version if live else None

    @property
    def desired(self) -> str | None:
        return self.world.store.desired_deployments["iris"].model_version

    def statuses(self, version: str) -> list[Status]:
        found = self.world.store.state("iris").deployments
        return [each.status for each in found if each.model_version == version]


@pytest.fixture(params=[None, ALIAS])
def releases(request: pytest.FixtureRequest) -> Releases:
    """By the newest version, and by an alias; version 1 serves."""
    made = Releases(DeployPolicy(request.param))
    made.release("1", Quality.GOOD, {})
    return made


def test_it_fails_once_and_what_serves_goes_on(releases: Releases) -> None:
    """Nothing is tried again and nothing is deployed in its place."""
    releases.release("2", Quality.WIDER, {})
    releases.wait()

    assert ("1", "1") == (releases.live, releases.desired)
    assert [Status.FAILED] == releases.statuses("2")
    assert [Status.DEPLOYED] == releases.statuses("1")


def test_the_tag_lets_it(releases: Releases) -> None:
    """At its registration."""
    releases.release("2", Quality.WIDER, {"hokus.breaking": "allowed"})

    assert ("2", "2") == (releases.live, releases.desired)


@pytest.mark.parametrize(("allowed", "live"), [(True, "2"), (False, "1")])
def test_an_operator_lets_it(releases: Releases, allowed: bool, live: str) -> None:
    """With the request that deploys it, and with no other."""
    releases.release("2", Quality.WIDER, {})

    releases.world.operations.deploy("iris", "2", user_id=None, allow_breaking=allowed)
    releases.wait()

    assert (live, live) == (releases.live, releases.desired)


def test_the_newest_version_that_breaks_nobody_goes_live(releases: Releases) -> None:
    """After one that does."""
    releases.release("2", Quality.WIDER, {})
    releases.release("3", Quality.GOOD, {})

    assert ("3", "3") == (releases.live, releases.desired)


def test_a_person_goes_back_by_the_registry(releases: Releases) -> None:
    """By the alias, or by taking away what serves: callers of version 2 lose it in any case."""
    releases.release("2", Quality.WIDER, {"hokus.breaking": "allowed"})
    assert "2" == releases.live

    if releases.world.policy.alias:
        releases.world.move_alias("iris", "1")
    else:
        releases.world.tag("iris", "2", "false")
    releases.wait()

    assert ("1", "1") == (releases.live, releases.desired)


def test_what_is_undeployed_has_no_callers(releases: Releases) -> None:
    """The next version is compared with nothing."""
    releases.world.operations.undeploy("iris", user_id=None)
    releases.wait()

    releases.release("2", Quality.WIDER, {})

    assert ("2", "2") == (releases.live, releases.desired)

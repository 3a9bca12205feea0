"""Two environments in one account of AWS and one of the provider: neither touches the other's.

Given staging and production, each with a table, an installation and a reconciler of its own, and
the same registrations in both; when an hour passes with everything that makes a reconciler write,
delete or resume; then each call of an environment is about its own endpoints, and its table has
only its own records.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.provision.names import installation_tag, tagged_deployment
from tests.builders import NOON
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.provider import SimulatedHub
from tests.fakes.provider.endpoints import Quality, SimulatedInference, SimulatedProvider
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition
from tests.simulation.execution import Json
from tests.simulation.mirrored_store import MirroredStore
from tests.simulation.world import World
from tests.tables import DEPLOYMENTS, create_table

PERIOD = timedelta(minutes=15)
MODELS = ("iris", "wine", "sales")
_BY_NAME = frozenset({"create", "resume", "delete", "delete_repository"})


class Account:
    """The provider's account, which both environments use."""

    def __init__(self) -> None:
        self.now = NOON
        self.provider = SimulatedProvider(lambda: self.now)
        self.inference = SimulatedInference(self.provider)
        self.hub = SimulatedHub(self.provider)
        self.provider.add_foreign("theirs")


class Watched:
    """The account as one environment calls it; every call is held against its tag."""

    def __init__(self, account: Account, installation: str) -> None:
        self._account, self._tag = account, installation_tag(installation)
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        called = getattr(self._account.provider, name)
        return self._checked(name, called) if name in _BY_NAME else called

    def _checked(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def checked(about: Any) -> Any:
            self.calls.append(name)
            endpoint = about if name == "create" else self._endpoint(about)
            assert endpoint is None or self._tag in endpoint.tags, f"{name} of {about}"
            return call(about)

        return checked

    def _endpoint(self, name: str) -> Any:
        return self._account.provider.endpoints.get(name.rpartition("/")[2])


class Environment(World):
    """The whole control plane of one environment, on a table of its own."""

    def __init__(self, name: str, machine: Json, account: Account) -> None:
        self.table, self.account = name, account
        self.client: Any = boto3.client("dynamodb", region_name="us-east-1")
        super().__init__(machine, DeployPolicy(), installation=f"123456789012-us-east-1-{name}")
        create_table(DEPLOYMENTS, self.client, called=name)
        table = DynamoDeploymentStore(self.client, name, now=self.clock)
        self.store: Any = MirroredStore(FakeDeploymentStore(now=self.clock), table)
        self.provider = Watched(account, self.installation)
        self.inference, self.hub = account.inference, account.hub
        self._build()

    def advance(self, until: datetime) -> None:
        """Let happen what is due until then."""
        for _ in range(len(self.outbox)):
            self.deliver(0)
        assert not self.outbox
        self.account.now = self.now
        while due := [each for each in self.workflow.running() if each.due <= until]:
            self.step(min(due, key=lambda each: (each.due, each.name)))
            self.account.now = self.now
        self.account.now = self.now = max(self.now, until)

    def items(self) -> list[Json]:
        found: list[Json] = self.client.scan(TableName=self.table, ConsistentRead=True)["Items"]
        return sorted(found, key=lambda item: (item["model_id"]["S"], item["id"]["S"]))

    def endpoints(self) -> set[str]:
        """Return the names of what stands with this installation's tag."""
        return {
            each.name for each in self.account.provider.tagged(installation_tag(self.installation))
        }

    def served_by(self) -> dict[str, str | None]:
        lives = {model: self.store.live(model) for model in MODELS}
        return {model: live.endpoint.name for model, live in lives.items() if live}


@pytest.fixture(scope="module")
def machine() -> Json:
    """The production template's state machine."""
    return definition(template_of("production"))


def test_an_hour_of_two_environments(machine: Json) -> None:
    """Whatever happens to production, staging neither gains nor loses anything, and the reverse."""
    with mock_aws():
        account = Account()
        staging, production = (
            Environment(name, machine, account) for name in ("staging", "production")
        )
        both = (staging, production)
        for world in both:
            for model in MODELS:
                world.register(model, Quality.GOOD, opt_out=False)
        for quarter, happens in enumerate((_nothing, _trouble, _changes, _loss), start=1):
            happens(staging, production)
            for world in both:
                others = [other for other in both if other is not world]
                before = [other.items() for other in others]
                world.advance(NOON + quarter * PERIOD)
                assert world.reconcile()
                assert before == [other.items() for other in others]

        for world in both:
            # What the last reconciliation has begun.
            world.advance(NOON + 5 * PERIOD)
        assert {"create", "resume", "delete", "delete_repository"} == {*production.provider.calls}
        # All that staging lost was one stray; what production serves was not touched by it.
        assert {"iris", "wine", "sales"} == staging.served_by().keys()
        assert {"wine", "sales"} == production.served_by().keys()
        for world in both:
            _owns_all_that_it_knows(world)
        assert "theirs" in account.provider.endpoints


def _nothing(_staging: Environment, _production: Environment) -> None:
    """Every version goes live."""


def _trouble(staging: Environment, production: Environment) -> None:
    """People pause endpoints; endpoints stand without records, in both."""
    for world in (staging, production):
        assert MODELS == tuple(world.served_by())
        world.account.provider.pause_by_hand(world.served_by()["iris"] or "")
        name = f"hokus-stray-{world.table}"
        tags = ("hokus", installation_tag(world.installation), "hokus-deployment-nobody")
        world.account.provider.add_stray(name, tags)


def _changes(staging: Environment, production: Environment) -> None:
    """A new version in one environment alone; a model deleted in the other one alone."""
    staging.register("wine", Quality.GOOD, opt_out=False)
    production.delete("iris", None)


def _loss(staging: Environment, production: Environment) -> None:
    """An endpoint of production is gone, and has to be made anew; staging's registry is empty of
    news."""
    production.account.provider.lose(production.served_by()["sales"] or "")
    assert not staging.outbox


def _owns_all_that_it_knows(world: Environment) -> None:
    """Check that each endpoint with its tag is made for a record of its own, and serves."""
    ids = {item["id"]["S"] for item in world.items()}
    provider = world.account.provider
    made_for = {tagged_deployment(provider.endpoints[name].tags) for name in world.endpoints()}

    assert made_for <= ids
    assert {*world.served_by().values()} <= world.endpoints()

"""The simulated world of tests/simulation with a table and meters, and a fleet of models.

What differs from production: an endpoint's secret and address are about 100 bytes shorter, prices
are not asked for (really once an hour and environment), and a model is verified with 2 predictions
instead of 6, which cost the control plane nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bench.example_model import EXAMPLE, INPUTS, PARAMS
from bench.memory_dynamo import MemoryDynamo
from bench.metering import Ledger, MeteredPort, Tally
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.item_size import Item
from functions.common.deployments.items import deployment_item, desired_item, live_item
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import ModelState
from functions.common.ledger.dynamodb import DynamoLedger
from functions.provision.registry.base import RegisteredVersion
from infra.environments import PRODUCTION
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry
from tests.simulation.execution import Execution, Json
from tests.simulation.mirrored_store import MirroredStore
from tests.simulation.workflow import SimulatedWorkflow
from tests.simulation.world import World
from tests.tables import DEPLOYMENTS

TABLE = DEPLOYMENTS
OUTSIDE = "outside"
"""Whom the webhook's and the operators' calls are charged to."""
PROVIDER_CALLS = frozenset(
    {"create", "describe", "tagged", "resume", "delete", "delete_repository"}
)
REGISTRY_CALLS = frozenset({"version", "model", "models", "set_tags", "download"})
_ARN = "arn:aws:states:us-east-1:123456789012:execution:ModelServing-provision"


@dataclass(frozen=True, slots=True)
class Charge:
    """Requests of one invocation of a task, within the execution or reconciliation *label*."""

    label: str
    task: str
    tally: Tally


class Registry(FakeModelRegistry):
    """Its versions have schemas and an example of an ordinary size; tag writes are counted."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger

    def register(self, version: RegisteredVersion) -> None:
        inputs = INPUTS if version.inputs else None
        super().register(replace(version, inputs=inputs, params=PARAMS, input_example=EXAMPLE))

    def set_tags(self, name: str, version: str, tags: Mapping[str, str | None]) -> None:
        self._ledger.now.tag_writes += len(tags)
        super().set_tags(name, version, tags)


class Workflow(SimulatedWorkflow):
    """Executions have names of AWS's length."""

    def execution_arn(self, deployment_id: str, *, run: int = 1) -> str:
        return f"{_ARN}:{super().execution_arn(deployment_id, run=run)}"


class MeteredWorld(World):
    """A world in which every invocation of a task is charged for.

    Attributes:
        charges: In the order in which they were made.
        simulated: The provider behind the meter.
    """

    def __post_init__(self) -> None:
        self.ledger = Ledger()
        self.charges: list[Charge] = []
        self._charged_to = OUTSIDE
        super().__post_init__()
        self.workflow = Workflow(self.machine, self.clock)
        self.registry = self._metered(Registry(self.ledger), "registry", REGISTRY_CALLS)
        self.hub = self._metered(self.hub, "hub", frozenset({"upload", "publish", "resolve"}))
        self.simulated = self.provider
        self.provider = self._metered(self.provider, "provider", PROVIDER_CALLS)
        self.store = self._made_store()
        self.costs: Any = DynamoLedger(self.client, TABLE)  # type: ignore[arg-type]  # as above
        self._build()

    def _made_store(self) -> Any:
        self.client = MemoryDynamo(lambda: self.ledger.now)
        table = DynamoDeploymentStore(self.client, TABLE, now=self.clock)  # type: ignore[arg-type]  # of boto3's client, what is used
        return MirroredStore(FakeDeploymentStore(now=self.clock), table)

    def _metered(self, port: Any, name: str, methods: frozenset[str]) -> Any:
        return MeteredPort(port, name, methods, lambda: self.ledger.now)

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "RETIRE_AFTER_S": str(PRODUCTION.retire_after_s)}

    def _build(self) -> None:
        super()._build()
        self.tasks = {name: self._charged(name, task) for name, task in self.tasks.items()}

    def _charged(self, name: str, task: Callable[[Json], Any]) -> Callable[[Json], Any]:
        def run(state: Json) -> Any:
            with self.charging(name):
                return task(state)

        return run

    @contextmanager
    def charging(self, task: str) -> Iterator[None]:
        """Charge for what is done within the block as one invocation of *task*."""
        with self.ledger.opened() as tally:
            tally.lambdas[task] += 1
            self.charges.append(Charge(self._charged_to, task, tally))
            yield

    def step(self, execution: Execution) -> None:
        self._charged_to = execution.name
        try:
            super().step(execution)
        finally:
            self._charged_to = OUTSIDE

    def deliver(self, index: int, *, keep: bool = False) -> None:
        with self.charging("mlflow_hook"):
            super().deliver(index, keep=keep)

    def settle_for(self, span: timedelta) -> None:
        """Let happen what is due within *span*."""
        until = self.now + span
        while due := [each for each in self.workflow.running() if each.due <= until]:
            self.step(min(due, key=lambda each: (each.due, each.name)))

    def keep(self, state: ModelState) -> None:
        """Put it on record, unmetered."""
        self.store.deployments.update({each.id: each for each in state.deployments})
        if state.live_id:
            self.store.live_ids[state.model_id] = state.live_id
        if state.desired:
            self.store.desired_deployments[state.model_id] = state.desired
        items = [deployment_item(each) for each in state.deployments]
        if state.live:
            items.append(live_item(state.live))
        if state.desired:
            items.append(desired_item(state.desired))
        self._put(items)

    def keep_record(self, deployment: Deployment) -> None:
        """Put a record of a model that is on record, unmetered."""
        self.store.deployments[deployment.id] = deployment
        self._put([deployment_item(deployment)])

    def _put(self, items: Iterable[Item]) -> None:
        with self.ledger.opened():
            for item in items:
                self.client.put_item(TableName=TABLE, Item=item)

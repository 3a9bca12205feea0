"""The whole control plane over a registry, a provider and a clock in memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from functions.common.deployments.policy import OPT_OUT_TAG, DeployPolicy, opted_out
from functions.common.deployments.record import RequestedBy
from functions.common.deployments.request_ports import RequestPorts
from functions.common.errors import ModelNotFoundError
from functions.common.providers import registry as providers
from functions.common.providers.base import ProviderUnavailableError
from functions.mlflow_hook.bootstrap import bootstrap as bootstrap_hook
from functions.mlflow_hook.settings import HookSettings
from functions.operate.bootstrap import bootstrap as bootstrap_operations
from functions.operate.settings import OperationsSettings
from functions.provision.bootstrap import bootstrap as bootstrap_tasks
from functions.provision.bootstrap import bootstrap_reconciler
from functions.provision.ports import ProvisionPorts
from functions.provision.settings import ProvisionSettings, ReconcileSettings
from tests.builders import NOON
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.event_publisher import FakeEventPublisher
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.provider import InMemoryProvider
from tests.fakes.provider.endpoints import Quality
from tests.fakes.reconciliation import FakeReconciliation
from tests.fakes.secrets import FakeSecrets
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore
from tests.simulation import guarded_calls as calls
from tests.simulation.accidents import Accident, Accidents, Crash, Guarded, Moment, must
from tests.simulation.execution import Execution, Json
from tests.simulation.expected import ALIAS, alias_named
from tests.simulation.guarding import watched_validation, with_signature
from tests.simulation.invariants import WatchedStore, check_provider_call
from tests.simulation.variables import variables
from tests.simulation.workflow import SimulatedWorkflow

providers.PROVIDERS["in-memory"] = "tests.fakes.provider"
INSTALLATION = "123456789012-us-east-1"
NAMESPACE = InMemoryProvider.namespace
SETTLED_AFTER_STEPS = 5_000


@dataclass
class World:
    """Everything, with what people, networks and processes do to it as methods.

    Attributes:
        outbox: Webhooks that have been sent and not been delivered.
        operator_requests: By model, the time of an operator's last request, and
            the version or None.
        alias_moved: By model, when its alias was changed last.
        alias_then: By model, what its alias named at the time of that request.
        unclear: Models whose operator got an error, and does not know what counts.
        asked: Models that the reconciler has been asked to look at, and has not yet.
    """

    machine: Json
    policy: DeployPolicy
    agreement: str = "off"
    now: datetime = NOON
    installation: str = INSTALLATION
    outbox: list[bytes] = field(default_factory=list)
    asked: FakeReconciliation = field(default_factory=FakeReconciliation)
    qualities: dict[tuple[str, str, datetime], Quality] = field(default_factory=dict)
    operator_requests: dict[str, tuple[datetime, str | None]] = field(default_factory=dict)
    alias_moved: dict[str, datetime] = field(default_factory=dict)
    alias_then: dict[str, str | None] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    taken_back: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.accidents = Accidents()
        self.store = FakeDeploymentStore(now=self.clock)
        self.registry = FakeModelRegistry()
        made = providers.provider("in-memory", secrets=FakeSecrets({}))
        assert isinstance(made, InMemoryProvider)
        self.provider: Any = made.control()
        self.provider.now = self.clock
        self.provider.quality_of = self.quality_of_deployment
        self.provider.add_foreign("theirs")
        self.provider.watch = partial(check_provider_call, self)
        self.last_live, self.last_called = dict[str, datetime](), dict[str, datetime]()
        self.woken, self.unseen, self.budget = set[str](), set[str](), dict[str, str]()
        self.lost = set[str]()
        self.inference, self.hub = made.inference(), made.model_hub()
        self.tallies = FakeTallyStore()
        self.workflow = SimulatedWorkflow(self.machine, self.clock)
        self.costs: Any = FakeLedger()
        self.serving_state: Any = a_serving_state()
        self.events: Any = FakeEventPublisher()
        self.numbers: dict[str, Any] = {}
        self._build()

    def clock(self) -> datetime:
        return self.now

    def _build(self) -> None:
        """Put our functions together on ports that accidents can happen to."""
        guarded = partial(Guarded, accidents=self.accidents)
        store: Any = guarded(WatchedStore(self.store, self), methods=calls.STORE_WRITES)
        workflow: Any = guarded(self.workflow, methods=calls.WORKFLOW_CALLS)
        provider = InMemoryProvider(
            control=guarded(self.provider, methods=calls.PROVIDER_CALLS),
            inference=self.inference,
            hub=guarded(self.hub, methods=calls.HUB_CALLS),
        )
        registry: Any = guarded(self.registry, methods=calls.REGISTRY_CALLS)
        ports = ProvisionPorts(
            tallies=lambda: self.tallies,
            serving_state=lambda: self.serving_state,
            deployments=store,
            kept_logs=FakeKeptLogs(),
            ledger=guarded(self.costs, methods=calls.LEDGER_CALLS),
            provider=provider,
            registry=lambda: registry,
            new_secret=lambda: "s",
            now=self.clock,
            sleep=lambda _seconds: None,
        )
        request_ports = RequestPorts(
            deployments=store, workflow=workflow, reconciliation=self.asked, now=self.clock
        )
        self.deliveries = bootstrap_hook(request_ports, HookSettings.from_env(self.env))
        self.operations = bootstrap_operations(request_ports, OperationsSettings.from_env(self.env))
        self.reconciler = bootstrap_reconciler(
            ports,
            workflow,
            self.serving_state.circuits,
            guarded(self.events, methods=calls.EVENT_CALLS),
            ReconcileSettings.from_env(self.env),
        )
        tasks = bootstrap_tasks(ports, ProvisionSettings.from_env(self.env))
        self.tasks: dict[str, Callable[[Json], Any]] = {
            **{name: partial(tasks.run, name) for name in tasks.by_name},
            "validate": watched_validation(self, partial(tasks.run, "validate")),
            "reconcile": lambda event: self.reconciler.run(model_id=event["model_id"]).as_json(),
        }

    @property
    def env(self) -> dict[str, str]:
        """The settings of all functions."""
        given = variables(self.installation, self.policy.alias)
        return {**given, "AGREEMENT": self.agreement, **self.budget}

    def set_budget(self, monthly_usd: float, action: str = "sleep") -> None:
        """Deploy with another budget."""
        self.budget = {"MONTHLY_BUDGET_USD": str(monthly_usd), "BUDGET_ACTION": action}
        self._build()

    def quality_of_deployment(self, deployment_id: str) -> Quality:
        made = self.store.deployments.get(deployment_id)
        if made is None or made.registered_at is None:
            return Quality.GOOD
        return self.qualities[made.model_id, made.model_version, made.registered_at]

    # What people do in the registry.

    def register(self, model: str, quality: Quality, *, opt_out: bool) -> None:
        tags = {OPT_OUT_TAG: "false"} if opt_out else {}
        number = str(next(self.numbers.setdefault(model, count(1))))
        version = a_version(name=model, version=number, registered_at=self.now, tags=tags)
        self.qualities[model, number, self.now] = quality
        self.registry.register(with_signature(version, quality))
        self.send("model_version.created", name=model, version=number, tags=tags)

    def delete(self, model: str, version: str | None) -> None:
        """A number is used again after the whole model is gone, as in MLflow."""
        if self.registry.model(model):
            self._move_alias(model)
        self.registry.delete(model, version)
        if version is None:
            self.numbers.pop(model, None)

    def move_alias(self, model: str, version: str | None) -> None:
        self._move_alias(model)
        if version is None:
            self.registry.delete_alias(model, ALIAS)
            self.send("model_version_alias.deleted", name=model, alias=ALIAS)
        else:
            self.registry.set_alias(model, ALIAS, version)
            self.send("model_version_alias.created", name=model, alias=ALIAS, version=version)

    def _move_alias(self, model: str) -> None:
        self.alias_moved[model] = self.now
        desired = self.store.desired(model)
        if desired and desired.origin is RequestedBy.OPERATOR and desired.registry_version is None:
            # Nobody has looked at the alias since the operator spoke.
            self.unclear.add(model)

    def tag(self, model: str, version: str, value: str | None) -> None:
        """Opting out of what an operator has asked for ends the request once somebody looks."""
        if value == "false" and self.operator_requests.get(model, (None, None))[1] == version:
            self.unclear.add(model)
        self.registry.tag(model, version, OPT_OUT_TAG, value)
        data = {"name": model, "version": version, "key": OPT_OUT_TAG, "value": value}
        self.send(f"model_version_tag.{'deleted' if value is None else 'set'}", **data)

    def send(self, event: str, **data: Any) -> None:
        entity, _, action = event.partition(".")
        message = {"entity": entity, "action": action, "timestamp": self.now.isoformat()}
        self.outbox.append(json.dumps({**message, "data": data}).encode())
        # No two things happen at the same moment.
        self.now += timedelta(milliseconds=5)

    # What the network and our functions do.

    def deliver(self, index: int, *, keep: bool = False) -> None:
        """Deliver a webhook; one that our function breaks on stays to be sent again."""
        body = self.outbox[index]
        stood = dict(self.store.desired_deployments)
        try:
            self.deliveries.accept(body, request_id="")
        except (Exception, Crash):  # noqa: BLE001 - MLflow sends it again
            return
        finally:
            for model, desired in stood.items():
                now = self.store.desired_deployments[model].requested_at
                must(now >= desired.requested_at, "An event has made the desired older.")
        if not keep:
            del self.outbox[index]

    def reconcile(self, model: str | None = None) -> bool:
        """False when it broke off."""
        try:
            self.reconciler.run(model_id=model)
        except (Exception, Crash):  # noqa: BLE001 - the schedule comes again
            return False
        return True

    def step(self, execution: Execution) -> None:
        """The execution's next state; the clock goes on to when it is due."""
        self.now = max(self.now, execution.due)
        execution.step(self.tasks, self.now)

    def operate(self, model: str, version: str | None) -> None:
        """An operator deploys a version, or undeploys the model."""
        try:
            if version is None:
                self.operations.undeploy(model, user_id="user-1")
            else:
                self.operations.deploy(model, version, user_id="user-1")
        except ModelNotFoundError:
            return
        except (Exception, Crash):  # noqa: BLE001 - people see the error, and do not know
            self.unclear.add(model)
        else:
            self.unclear.discard(model)
            self.operator_requests[model] = (self.now, version)
            listed = self.registry.version(model, version) if version else None
            if listed and opted_out(listed.tags):
                # It ends when somebody looks before the version is opted in again.
                self.unclear.add(model)
            self.alias_then[model] = alias_named(self.registry, model)
        finally:
            self.now += timedelta(milliseconds=5)

    def expire(self) -> None:
        """DynamoDB deletes what may go, and Step Functions forgets its executions: in 90 days.

        Nothing expires while an execution runs: none lasts for a day.
        """
        if self.workflow.running():
            return
        for each in [each for each in self.store.deployments.values() if each.expiration]:
            del self.store.deployments[each.id]
            self.workflow.forget(each.id)
            self.events.forget(each.id)  # the same request gets the same id again

    def break_at(self, countdown: int, moment: Moment, *, crash: bool) -> None:
        error: BaseException = Crash() if crash else ProviderUnavailableError("no answer")
        self.accidents.coming.append(Accident(countdown, moment, error))

    def settle(self, for_s: float | None = None) -> None:
        """Let everything that is under way come to its end, or to where it is in *for_s*."""
        until = None if for_s is None else self.now + timedelta(seconds=for_s)
        for _ in range(SETTLED_AFTER_STEPS):
            running = [
                each for each in self.workflow.running() if until is None or each.due <= until
            ]
            if running:
                self.step(min(running, key=lambda each: (each.due, each.name)))
            elif self.asked.requested:
                self.reconcile(self.asked.requested.pop(0))
            else:
                return
        raise AssertionError("It does not come to an end.")

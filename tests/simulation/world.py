"""The whole control plane over a registry, a provider and a clock in memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from functions.common.deployments.policy import OPT_OUT_TAG, DeployPolicy, opted_out
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.requests import DeploymentRequests, DeployRequest
from functions.common.errors import ModelNotFoundError
from functions.common.providers import registry as providers
from functions.common.providers.base import ProviderUnavailableError
from functions.mlflow_hook.events import Changed, read_event
from functions.operate.operations import Operations
from functions.provision.compatibility.budget import Budget
from functions.provision.compatibility.checks import Incompatibility
from functions.provision.names import endpoint_name, installation_tag, tags
from functions.provision.reconciliation.plan import Planner
from functions.provision.reconciliation.reconciler import Reconciler
from functions.provision.registry.base import ListedVersion, RegisteredVersion
from functions.provision.removal import Removal
from functions.provision.tasks.activation import Activation
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.creation import EndpointCreation
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.retirement import Retirement
from functions.provision.tasks.runner import IN_PROGRESS, TaskOutcome, run_task
from functions.provision.tasks.smoke_test import SmokeTest
from functions.provision.tasks.validation import Validation
from tests.builders import NOON, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.provider import InMemoryProvider
from tests.fakes.provider.endpoints import Quality
from tests.fakes.secrets import FakeSecrets
from tests.simulation.accidents import Accident, Accidents, Crash, Guarded, Moment, must
from tests.simulation.execution import Execution, Json

providers.PROVIDERS["in-memory"] = "tests.fakes.provider"
INSTALLATION = "123456789012-us-east-1"
NAMESPACE = "acme"
ALIAS = "champion"
RETIRE_AFTER = timedelta(seconds=40)
SETTLED_AFTER_STEPS = 5_000
_WRITES = frozenset(
    {"add", "set_desired", "update", "activate", "undeploy", "transfer_endpoint", "begin_removal"}
)
_PROVIDER_CALLS = frozenset(
    {"create", "describe", "tagged", "resume", "delete", "delete_repository"}
)
_REGISTRY_CALLS = frozenset({"version", "model", "models", "set_tags"})
_WORKFLOW_CALLS = frozenset({"start", "start_retiring"})


class SimulatedWorkflow:
    """Step Functions: keeps executions by name for ever."""

    def __init__(self, machine: Json, clock: Callable[[], datetime]) -> None:
        self._machine, self._clock = machine, clock
        self.executions: dict[str, Execution] = {}

    def execution_arn(self, deployment_id: str, *, run: int = 1) -> str:
        return deployment_id if run == 1 else f"{deployment_id}-{run}"

    def start(self, model_id: str, deployment_id: str, *, run: int = 1) -> None:
        name = self.execution_arn(deployment_id, run=run)
        self._start(name, {"model_id": model_id, "deployment_id": deployment_id})

    def start_retiring(self, model_id: str, deployment_id: str) -> None:
        state = {"model_id": model_id, "deployment_id": deployment_id, "retire_only": True}
        self._start(f"{deployment_id}-retire", state)

    def is_running(self, execution_arn: str) -> bool:
        execution = self.executions.get(execution_arn)
        return execution is not None and execution.is_running

    def running(self) -> list[Execution]:
        return [each for each in self.executions.values() if each.is_running]

    def _start(self, name: str, state: Json) -> None:
        if name not in self.executions:
            execution = Execution(name, self._machine, state, now=self._clock())
            self.executions[name] = execution


class _Asked:
    """`Reconciliation` that is left for later."""

    def __init__(self, asked: list[str]) -> None:
        self._asked = asked

    def request(self, model_id: str) -> None:
        self._asked.append(model_id)

    def run(self, model_id: str, *, dry_run: bool) -> dict[str, Any]:
        raise NotImplementedError


class _Watched:
    """The store, with a look at what goes live."""

    def __init__(self, store: FakeDeploymentStore, world: "World") -> None:
        self._store, self._world = store, world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def activate(self, deployment: Deployment) -> Deployment:
        serving = self._store.live_ids.get(deployment.model_id)
        self._world.look()
        activated = self._store.activate(deployment)
        if serving != activated.id:
            desired = self._store.desired_deployments[deployment.model_id]
            must(desired.deployment_id == activated.id, "Nobody requests what goes live.")
        return activated


@dataclass
class World:
    """Everything, with what people, networks and processes do to it as methods.

    Attributes:
        outbox: Webhooks that have been sent and not been delivered.
        operators_word: By model, when an operator spoke last, and the version or None.
        alias_moved: By model, when its alias was touched last.
        alias_then: By model, what its alias named when the operator spoke.
        unclear: Models whose operator got an error, and does not know what counts.
        asked: Models that the reconciler has been asked to look at, and has not yet.
        published: Repositories at the Hub.
    """

    machine: Json
    policy: DeployPolicy
    now: datetime = NOON
    outbox: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    qualities: dict[tuple[str, str, datetime], Quality] = field(default_factory=dict)
    operators_word: dict[str, tuple[datetime, str | None]] = field(default_factory=dict)
    alias_moved: dict[str, datetime] = field(default_factory=dict)
    alias_then: dict[str, str | None] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        clock = self.clock
        self.accidents = Accidents()
        self.store = FakeDeploymentStore(now=clock)
        self.registry = FakeModelRegistry()
        made = providers.provider("in-memory", secrets=FakeSecrets({}))
        assert isinstance(made, InMemoryProvider)
        self.made = made
        self.provider = made.control()
        self.provider.now = clock
        self.provider.quality_of = self.quality_of_deployment
        self.provider.add_foreign("theirs")
        self.provider.watch = self._watch
        self.last_live: dict[str, datetime] = {}
        self.inference = made.inference()
        self.workflow = SimulatedWorkflow(self.machine, clock)
        self._strays = count(1)
        self._numbers: dict[str, Any] = {}
        self._build()

    def clock(self) -> datetime:
        return self.now

    def _build(self) -> None:
        store: Any = Guarded(_Watched(self.store, self), self.accidents, _WRITES)
        registry: Any = Guarded(self.registry, self.accidents, _REGISTRY_CALLS)
        control: Any = Guarded(self.provider, self.accidents, _PROVIDER_CALLS)
        workflow: Any = Guarded(self.workflow, self.accidents, _WORKFLOW_CALLS)
        tag = installation_tag(INSTALLATION)
        budget = Budget(
            control=control,
            tag=tag,
            prices=self.made.prices(),
            max_endpoints=1_000,
            max_hourly_usd=1_000,
        )
        removal = Removal(store=store, control=control, namespace=self.made.namespace)
        self.guarded_store = store
        self.requests = DeploymentRequests(
            store, workflow, installation=INSTALLATION, now=self.clock
        )
        self.reconciler = Reconciler(
            store=store,
            registry=registry,
            control=control,
            workflow=workflow,
            requests=self.requests,
            removal=removal,
            planner=Planner(
                policy=self.policy, api_url="https://api.test", retire_after=RETIRE_AFTER
            ),
            installation=INSTALLATION,
            now=self.clock,
        )
        self.operations = Operations(
            store=store, requests=self.requests, reconciliation=_Asked(self.asked), now=self.clock
        )
        validation = Validation(
            store=store,
            registry=registry,
            endpoint_reuse=EndpointReuse(
                store=store, control=control, hardware=self.made.hardware()
            ),
            policy=self.policy,
            find_incompatibilities=self._find_incompatibilities,
        )
        creation = EndpointCreation(
            control=control,
            hardware=self.made.hardware(),
            installation=INSTALLATION,
            budget=budget,
        )
        readiness = Readiness(
            control=control, inference=self.inference, deadline_s=900, now=self.clock
        )
        smoke_test = SmokeTest(
            inference=self.inference,
            timeout_s=25,
            times=1,
            max_latency_s=60,
            sleep=lambda _seconds: None,
        )
        activation = Activation(store=store)
        retirement = Retirement(store=store, removal=removal)
        cleaning = CleanUp(store=store, removal=removal)
        ended = frozenset({Status.DEPLOYED, Status.STOPPED})
        self.tasks: dict[str, Callable[[Json], Any]] = {
            "validate": self._task("validate", validation.validate),
            "package": self._task("package", self._package),
            "create": self._task("create", creation.create),
            "check": self._task("check", readiness.check),
            "verify": self._task("verify", smoke_test.verify),
            "activate": self._task(
                "activate", activation.activate, accepts=IN_PROGRESS | {Status.DEPLOYED}
            ),
            "retire": self._task("retire", retirement.retire, with_state=True, accepts=ended),
            "clean_up": self._task(
                "clean_up", cleaning.clean_up, with_state=True, accepts=frozenset(Status)
            ),
            "reconcile": self._reconcile_task,
        }

    def _task(
        self,
        name: str,
        use_case: Callable[..., TaskOutcome],
        *,
        with_state: bool = False,
        accepts: frozenset[Status] = IN_PROGRESS,
    ) -> Callable[[Json], Any]:
        def run(state: Json) -> Any:
            more = (state,) if with_state else ()
            return run_task(
                name,
                state,
                lambda deployment: use_case(deployment, *more),
                store=self.guarded_store,
                accepts=accepts,
                now=self.clock,
            )

        return run

    def _package(self, deployment: Deployment) -> TaskOutcome:
        """What packaging does to the outside, without the files."""
        name = endpoint_name(deployment.model_id, deployment.id)
        repository = f"{NAMESPACE}/{name}"
        self.accidents.around(lambda: self.provider.repositories.add(repository))
        packaged = changed(
            deployment,
            endpoint_name=name,
            endpoint_secret="s",
            repository=repository,
            revision="a" * 40,
            package_digest="d",
        )
        return TaskOutcome(name="packaged", changed=packaged)

    def _reconcile_task(self, event: Json) -> Any:
        return self.reconciler.run(model_id=event["model_id"]).as_json()

    def _find_incompatibilities(
        self, _deployment: Deployment, version: RegisteredVersion
    ) -> list[Incompatibility]:
        quality = self.qualities[version.name, version.version, version.registered_at]
        return [Incompatibility("It has no signature.")] if quality is Quality.INCOMPATIBLE else []

    def quality_of_deployment(self, deployment_id: str) -> Quality:
        made = self.store.deployments.get(deployment_id)
        if made is None or made.registered_at is None:
            return Quality.GOOD
        return self.qualities[made.model_id, made.model_version, made.registered_at]

    # What people do in the registry.

    def register(self, model: str, quality: Quality, *, opt_out: bool) -> None:
        tags = {OPT_OUT_TAG: "false"} if opt_out else {}
        number = str(next(self._numbers.setdefault(model, count(1))))
        version = a_version(name=model, version=number, registered_at=self.now, tags=tags)
        self.qualities[model, number, self.now] = quality
        self.registry.register(version)
        self._send("model_version.created", name=model, version=number, tags=tags)

    def delete(self, model: str, version: str | None) -> None:
        """A number is used again after the whole model is gone, as in MLflow."""
        if self.registry.model(model):
            self._move_alias(model)
        self.registry.delete(model, version)
        if version is None:
            self._numbers.pop(model, None)

    def move_alias(self, model: str, version: str | None) -> None:
        self._move_alias(model)
        if version is None:
            self.registry.delete_alias(model, ALIAS)
            self._send("model_version_alias.deleted", name=model, alias=ALIAS)
        else:
            self.registry.set_alias(model, ALIAS, version)
            self._send("model_version_alias.created", name=model, alias=ALIAS, version=version)

    def _move_alias(self, model: str) -> None:
        self.alias_moved[model] = self.now
        desired = self.store.desired(model)
        if desired and desired.origin is RequestedBy.OPERATOR and desired.registry_version is None:
            # Nobody has looked at the alias since the operator spoke.
            self.unclear.add(model)

    def tag(self, model: str, version: str, value: str | None) -> None:
        self.registry.tag(model, version, OPT_OUT_TAG, value)
        told = {"name": model, "version": version, "key": OPT_OUT_TAG, "value": value}
        self._send(f"model_version_tag.{'deleted' if value is None else 'set'}", **told)

    def _send(self, event: str, **data: Any) -> None:
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
            match read_event(body, self.policy):
                case DeployRequest() as request:
                    self.requests.submit(request)
                case Changed(model_id):
                    self.asked.append(model_id)
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
                self.operations.undeploy(model)
            else:
                self.operations.deploy(model, version)
        except ModelNotFoundError:
            return
        except (Exception, Crash):  # noqa: BLE001 - people see the error, and do not know
            self.unclear.add(model)
        else:
            self.unclear.discard(model)
            self.operators_word[model] = (self.now, version)
            self.alias_then[model] = self.alias_named(model)
        finally:
            self.now += timedelta(milliseconds=5)

    def lose_memory(self) -> None:
        """An endpoint of ours stands whose record is gone."""
        name = f"hokus-stray-{next(self._strays)}"
        self.provider.add_stray(name, tags("nobody", installation=INSTALLATION))

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
            elif self.asked:
                self.reconcile(self.asked.pop(0))
            else:
                return
        raise AssertionError("It does not come to an end.")

    # What must hold at every moment.

    def look(self) -> None:
        """Every live deployment is verified, and what is not ours is there."""
        for model, id_ in self.store.live_ids.items():
            live = self.store.deployments[id_]
            must(live.status is Status.DEPLOYED, f"What serves {model} is {live.status}.")
            name = live.endpoint.name or ""
            must(name in self.inference.verified, f"What serves {model} was never verified.")
            self.last_live[name] = self.now
        must("theirs" in self.provider.endpoints, "What is not ours is gone.")

    def _watch(self, call: str, name: str) -> None:
        """What our own code asks of the provider."""
        live = {self.store.deployments[id_].endpoint.name for id_ in self.store.live_ids.values()}
        if call == "delete":
            must(name != "theirs", "What is not ours is deleted.")
            must(name not in live, "What serves is deleted.")
            unused = self.now - self.last_live.get(name, NOON - RETIRE_AFTER)
            must(unused >= RETIRE_AFTER, "What somebody may still use is deleted.")
        else:
            (made,) = (d for d in self.store.deployments.values() if d.endpoint.name == name)
            desired = self.store.desired_deployments[made.model_id]
            must(made.id == desired.deployment_id, "Nobody requests what is created.")

    # What should be, found without the code under test.

    def eligible(self, model: str) -> list[ListedVersion]:
        """Not opted out, the newest first."""
        found = self.registry.model(model)
        versions = [each for each in found.versions if not opted_out(each.tags)] if found else []
        return sorted(versions, key=lambda each: (each.registered_at, int(each.version)))[::-1]

    def operator_holds(self, model: str) -> bool:
        """Whether an operator has spoken last, as far as that is known."""
        if model not in self.operators_word or model in self.unclear:
            return False
        spoken_at, version = self.operators_word[model]
        eligible = self.eligible(model)
        there = version is None or any(
            each.version == version and each.registered_at <= spoken_at for each in eligible
        )
        if self.policy.alias:
            return there and not self._alias_was_touched_since(model, spoken_at)
        return there and all(each.registered_at <= spoken_at for each in eligible)

    def is_unclear(self, model: str) -> bool:
        """Whether nobody could say who has the last word: an operator got an error, or the alias
        was touched since and names what it named then."""
        if model in self.unclear:
            return True
        if model not in self.operators_word or not self.policy.alias:
            return False
        touched = self._alias_was_touched_since(model, self.operators_word[model][0])
        return touched and self.alias_named(model) == self.alias_then[model]

    def _alias_was_touched_since(self, model: str, moment: datetime) -> bool:
        return self.alias_moved.get(model, NOON - timedelta(days=1)) >= moment

    def alias_named(self, model: str) -> str | None:
        found = self.registry.model(model)
        return found.aliases.get(ALIAS) if found else None

    def is_good(self, model: str, version: ListedVersion) -> bool:
        return self.qualities[model, version.version, version.registered_at] is Quality.GOOD

"""The tasks of the workflow by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.base import EndpointControl, InferenceClient
from functions.common.providers.prices import PriceList
from functions.common.providers.provider import Provider
from functions.provision.compatibility.budget import Budget
from functions.provision.compatibility.version_checks import VersionChecks
from functions.provision.names import installation_tag
from functions.provision.registry.base import ModelRegistry
from functions.provision.removal import Removal
from functions.provision.settings import ProvisionSettings
from functions.provision.tasks.activation import Activation
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.creation import EndpointCreation
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.packaging import Packaging
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.retirement import Retirement
from functions.provision.tasks.runner import IN_PROGRESS, State, TaskOutcome, run_task
from functions.provision.tasks.smoke_test import SmokeTest
from functions.provision.tasks.validation import Validation

type Task = Callable[[Deployment, State], TaskOutcome]

_ACCEPTS = {
    "activate": IN_PROGRESS | {Status.DEPLOYED},
    "retire": frozenset({Status.DEPLOYED, Status.STOPPED}),
    "clean_up": frozenset(Status),
}
"""Statuses of the deployments that a task runs on; the other tasks' are `IN_PROGRESS`."""


@dataclass(frozen=True, kw_only=True)
class WorkflowTasks:
    """Runs tasks. Each is put together when it runs: a Lambda function has the packages, the
    settings and the rights of its own task only.

    Attributes:
        registry: Makes the registry, with the credentials of now.
        new_secret: Makes the secret of an endpoint.
    """

    store: DeploymentStore
    provider: Provider
    registry: Callable[[], ModelRegistry]
    settings: ProvisionSettings
    new_secret: Callable[[], str]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]

    def run(self, name: str, state: State) -> dict[str, Any]:
        """Run the task *name* on the deployment that *state* names; see `run_task`."""
        task = self.by_name[name]
        return run_task(
            name,
            state,
            lambda deployment: task(deployment, state),
            store=self.store,
            accepts=_ACCEPTS.get(name, IN_PROGRESS),
            now=self.now,
        )

    @cached_property
    def by_name(self) -> Mapping[str, Task]:
        """The tasks by their names in the workflow."""
        return {
            "validate": lambda deployment, _: self.validation().validate(deployment),
            "package": lambda deployment, _: self.packaging().package(deployment),
            "create": lambda deployment, _: self.creation().create(deployment),
            "check": lambda deployment, _: self.readiness().check(deployment),
            "verify": lambda deployment, _: self.smoke_test().verify(deployment),
            "activate": lambda deployment, _: Activation(store=self.store).activate(deployment),
            "retire": lambda deployment, state: self.retirement().retire(deployment, state),
            "clean_up": lambda deployment, state: self.cleaning().clean_up(deployment, state),
        }

    def validation(self) -> Validation:
        hardware = self.provider.hardware()
        return Validation(
            store=self.store,
            registry=self.registry(),
            endpoint_reuse=EndpointReuse(
                store=self.store, control=self._control, hardware=hardware
            ),
            policy=DeployPolicy.of(self.settings.deploy_alias),
            find_incompatibilities=VersionChecks(
                provider=self.provider, prices=self._prices, budget=self._budget()
            ).find_incompatibilities,
        )

    def packaging(self) -> Packaging:
        return Packaging(
            registry=self.registry(),
            hub=self.provider.model_hub(),
            add_runtime=self.provider.add_runtime,
            namespace=self.provider.namespace,
            new_secret=self.new_secret,
        )

    def creation(self) -> EndpointCreation:
        return EndpointCreation(
            control=self._control,
            hardware=self.provider.hardware(),
            installation=self.settings.installation,
            budget=self._budget(),
        )

    def readiness(self) -> Readiness:
        return Readiness(
            control=self._control,
            inference=self._inference,
            deadline_s=self.settings.endpoint_deadline_s,
            now=self.now,
        )

    def smoke_test(self) -> SmokeTest:
        return SmokeTest(
            inference=self._inference,
            timeout_s=self.settings.verify_timeout_s,
            times=self.settings.verify_times,
            max_latency_s=self.settings.verify_max_latency_s,
            sleep=self.sleep,
        )

    def retirement(self) -> Retirement:
        return Retirement(store=self.store, removal=self._removal())

    def cleaning(self) -> CleanUp:
        return CleanUp(store=self.store, removal=self._removal())

    def _removal(self) -> Removal:
        return Removal(store=self.store, control=self._control, namespace=self.provider.namespace)

    def _budget(self) -> Budget:
        return Budget(
            control=self._control,
            tag=installation_tag(self.settings.installation),
            prices=self._prices,
            max_endpoints=self.settings.max_endpoints,
            max_hourly_usd=self.settings.max_hourly_cost_usd,
        )

    @cached_property
    def _control(self) -> EndpointControl:
        return self.provider.control()

    @cached_property
    def _inference(self) -> InferenceClient:
        return self.provider.inference()

    @cached_property
    def _prices(self) -> PriceList:
        return self.provider.prices()

"""The tasks of the workflow by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import EndpointControl, InferenceClient
from functions.common.providers.prices import PriceList
from functions.provision.compatibility.agreement_policy import AgreementPolicy
from functions.provision.compatibility.breaking_changes import CallersGuard
from functions.provision.compatibility.budget import Budget
from functions.provision.compatibility.spending_limit import SpendingLimit
from functions.provision.compatibility.version_checks import VersionChecks
from functions.provision.log_keeper import LogKeeper
from functions.provision.metering.budget import MonthlyBudget
from functions.provision.names import installation_tag
from functions.provision.ports import ProvisionPorts
from functions.provision.registry.tags import mark_interrupted
from functions.provision.removal import Removal
from functions.provision.rollback.policy import RollbackPolicy
from functions.provision.rollback.sight import Sight
from functions.provision.settings import ProvisionSettings
from functions.provision.tasks.activation import Activation
from functions.provision.tasks.agreement import Agreement, before_agreement
from functions.provision.tasks.agreement_verdict import AgreementBounds
from functions.provision.tasks.answer_check import AnswerCheck
from functions.provision.tasks.baking import Baking
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.creation import EndpointCreation
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.example_comparison import ExampleComparison
from functions.provision.tasks.packaging import Packaging
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.retirement import Retirement
from functions.provision.tasks.runner import IN_PROGRESS, State, TaskOutcome, run_task
from functions.provision.tasks.smoke_test import SmokeTest
from functions.provision.tasks.validation import Validation

type Task = Callable[[Deployment, State], TaskOutcome]

_LIVE_OR_ENDED = frozenset(Status) - IN_PROGRESS
_ACCEPTS = {
    "activate": IN_PROGRESS | {Status.DEPLOYED},
    "bake": _LIVE_OR_ENDED,
    "retire": _LIVE_OR_ENDED,
    "clean_up": frozenset(Status),
}
"""Statuses of the deployments that a task runs on; the other tasks' are `IN_PROGRESS`."""


_ASKING_THE_REGISTRY = frozenset({"validate", "package"})
"""Tasks that have the registry's client, and so can write its tags."""


@dataclass(frozen=True, kw_only=True)
class WorkflowTasks:
    """Runs tasks. Each is put together when it runs: a Lambda function has the packages, the
    settings and the rights of its own task only."""

    ports: ProvisionPorts
    settings: ProvisionSettings

    def run(self, name: str, state: State) -> dict[str, Any]:
        """Run the task *name* on the deployment that *state* names; see `run_task`."""
        task = self.by_name[name]
        return run_task(
            name,
            state,
            lambda deployment: task(deployment, state),
            store=self.ports.deployments,
            accepts=_ACCEPTS.get(name, IN_PROGRESS),
            now=self.ports.now,
            on_interruption=self._mark_interrupted if name in _ASKING_THE_REGISTRY else None,
        )

    def _mark_interrupted(self, deployment: Deployment, words: str) -> None:
        mark_interrupted(deployment, words, self.ports.registry())

    @cached_property
    def by_name(self) -> Mapping[str, Task]:
        """The tasks by their names in the workflow."""
        return {
            "validate": lambda deployment, _: self.validation().validate(deployment),
            "package": lambda deployment, state: self.packaging().package(
                deployment, lock=state.get("result", {}).get("lock")
            ),
            "create": lambda deployment, _: self.creation().create(deployment),
            "check": lambda deployment, _: self.readiness().check(deployment),
            "verify": lambda deployment, _: before_agreement(
                deployment, self.smoke_test().verify(deployment)
            ),
            "agree": lambda deployment, _: self.agreement().agree(deployment),
            "activate": lambda deployment, _: self.activation().activate(deployment),
            "bake": lambda deployment, _: self.baking().bake(deployment),
            "retire": lambda deployment, state: self.retirement().retire(deployment, state),
            "clean_up": lambda deployment, state: self.cleaning().clean_up(deployment, state),
        }

    def validation(self) -> Validation:
        return Validation(
            store=self.ports.deployments,
            registry=self.ports.registry(),
            runtime=self.ports.provider.runtime(),
            endpoint_reuse=EndpointReuse(store=self.ports.deployments, control=self._control),
            policy=DeployPolicy.of(self.settings.deploy_alias),
            agreement=AgreementPolicy(mode=self.settings.agreement),
            guard=CallersGuard(
                breaking_changes=self.settings.breaking_changes, registry=self.ports.registry()
            ),
            checks=VersionChecks(
                provider=self.ports.provider,
                prices=self._prices,
                budget=self._budget(),
                max_model_hourly_usd=self.settings.max_model_hourly_cost_usd,
            ),
            spending_limit=SpendingLimit(
                budget=MonthlyBudget(
                    ledger=self.ports.ledger,
                    usd=self.settings.monthly_budget_usd,
                    now=self.ports.now,
                ),
                control=self._control,
                prices=self._prices,
            ),
            now=self.ports.now,
        )

    def packaging(self) -> Packaging:
        return Packaging(
            registry=self.ports.registry(),
            hub=self.ports.provider.model_hub(),
            add_runtime=self.ports.provider.add_runtime,
            namespace=self.ports.provider.namespace,
            new_secret=self.ports.new_secret,
        )

    def creation(self) -> EndpointCreation:
        return EndpointCreation(
            control=self._control,
            place=self.ports.provider.hardware()[0],
            installation=self.settings.installation,
            budget=self._budget(),
        )

    def readiness(self) -> Readiness:
        return Readiness(
            control=self._control,
            inference=self._inference,
            deadline_s=self.settings.endpoint_deadline_s,
            now=self.ports.now,
        )

    def smoke_test(self) -> SmokeTest:
        return SmokeTest(
            inference=self._inference,
            timeout_s=self.settings.verify_timeout_s,
            times=self.settings.verify_times,
            max_latency_s=self.settings.verify_max_latency_s,
            answer_tolerance=self.settings.answer_tolerance,
            sleep=self.ports.sleep,
        )

    def agreement(self) -> Agreement:
        settings = self.settings
        return Agreement(
            store=self.ports.deployments,
            tallies=self.ports.tallies(),
            example=ExampleComparison(
                inference=self._inference,
                tolerance=settings.agreement_tolerance,
                timeout_s=settings.verify_timeout_s,
            ),
            bounds=AgreementBounds(
                min_share=settings.agreement_min_share,
                max_error_share=settings.agreement_max_error_share,
                max_latency_ratio=settings.agreement_max_latency_ratio,
            ),
            share=settings.agreement_share,
            calls=settings.agreement_calls,
            lasts_s=60 * settings.agreement_minutes,
            now=self.ports.now,
        )

    def activation(self) -> Activation:
        return Activation(store=self.ports.deployments)

    def baking(self) -> Baking:
        return Baking(
            store=self.ports.deployments,
            sight=lambda: Sight(state=self.ports.serving_state(), registry=self.ports.registry),
            answers=AnswerCheck(
                inference=self._inference,
                timeout_s=self.settings.verify_timeout_s,
                tolerance=self.settings.answer_tolerance,
            ),
            smoke_test=replace(self.smoke_test(), times=1),
            readiness=self.readiness(),
            rollback=RollbackPolicy.of(self.settings),
            now=self.ports.now,
        )

    def retirement(self) -> Retirement:
        return Retirement(store=self.ports.deployments, removal=self._removal())

    def cleaning(self) -> CleanUp:
        return CleanUp(store=self.ports.deployments, removal=self._removal())

    def _removal(self) -> Removal:
        return Removal(
            store=self.ports.deployments,
            control=self._control,
            namespace=self.ports.provider.namespace,
            keep_log=LogKeeper(logs=self.ports.provider.logs(), kept=self.ports.kept_logs).keep,
        )

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
        return self.ports.provider.control()

    @cached_property
    def _inference(self) -> InferenceClient:
        return self.ports.provider.inference()

    @cached_property
    def _prices(self) -> PriceList:
        return self.ports.provider.prices()

"""The validation task on fakes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from functions.common.deployments.agreement import AgreementMode
from functions.common.deployments.policy import BreakingChanges, DeployPolicy
from functions.common.deployments.record import (
    Deployment,
    Status,
)
from functions.common.ledger.model_month import MonthTotal
from functions.common.providers.base import Endpoint
from functions.common.providers.provider import Runtime
from functions.provision.compatibility.agreement_policy import AgreementPolicy
from functions.provision.compatibility.breaking_changes import CallersGuard
from functions.provision.compatibility.hardware_tags import RequestedHardware
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.compatibility.spending_limit import SpendingLimit
from functions.provision.compatibility.version_checks import CheckedVersion
from functions.provision.metering.budget import MonthlyBudget
from functions.provision.registry.base import RegisteredVersion
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.runner import TaskOutcome, superseded
from functions.provision.tasks.validation import Validation
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_registry import FakeModelRegistry
from tests.fakes.price_list import FakePriceList
from tests.unit.provision.endpoints import HARDWARE, with_endpoint
from tests.unit.provision.tasks.records import keep

PENDING = a_deployment(status=Status.PENDING)
LATER = NOON + timedelta(hours=1)
AGAIN = a_deployment(status=Status.PENDING, requested_at=LATER)
LIVE = a_deployment(status=Status.DEPLOYED, registered_at=NOON)
ADOPTED = TaskOutcome(name="adopted", note="took over the endpoint that still stands")
LIVE_ALREADY = superseded("This version is live already.")


class FixedChecks:
    """Finds *reasons*; the tag `faulty` has a fault, and the largest candidate is chosen."""

    def __init__(self, reasons: tuple[Incompatibility, ...]) -> None:
        self._reasons = reasons

    def requested_hardware(self, version: RegisteredVersion) -> RequestedHardware:
        faults = ("It is faulty.",) if "faulty" in version.all_tags else ()
        small = replace(HARDWARE, instance_size="x1")
        return RequestedHardware(candidates=(small, HARDWARE), by_tags=False, faults=faults)

    def check(
        self, _deployment: Deployment, _version: RegisteredVersion, requested: RequestedHardware
    ) -> CheckedVersion:
        faults = [*map(Incompatibility, requested.faults), *self._reasons]
        return CheckedVersion(hardware=requested.candidates[-1], reasons=faults)


def validate(
    registry: FakeModelRegistry,
    store: FakeDeploymentStore,
    *,
    deployment: Deployment = PENDING,
    alias: str | None = None,
    reasons: tuple[Incompatibility, ...] = (),
    endpoints: tuple[Endpoint, ...] = (),
    budget_usd: float = 0,
    spent_usd: float = 0,
    breaking_changes: BreakingChanges = BreakingChanges.REFUSED,
    agreement: AgreementMode = AgreementMode.OFF,
) -> TaskOutcome:
    control, ledger = FakeEndpointControl(*endpoints), FakeLedger()
    ledger.write_total(MonthTotal(month="2026-11", usd=spent_usd))
    validation = Validation(
        store=store,
        registry=registry,
        runtime=Runtime(name="container", pythons=("3.11", "3.12")),
        endpoint_reuse=EndpointReuse(store=store, control=control),
        policy=DeployPolicy(alias),
        guard=CallersGuard(breaking_changes=breaking_changes, registry=registry),
        agreement=AgreementPolicy(mode=agreement),
        checks=FixedChecks(reasons),
        spending_limit=SpendingLimit(
            budget=MonthlyBudget(ledger=ledger, usd=budget_usd, now=lambda: LATER),
            control=control,
            prices=FakePriceList(),
        ),
        now=lambda: LATER,
    )
    outcome = validation.validate(store.deployments[deployment.id])
    keep(store, store.deployments[deployment.id], outcome)
    return outcome


def knowing(*versions: RegisteredVersion) -> FakeModelRegistry:
    return FakeModelRegistry(*versions)


def tags_of(registry: FakeModelRegistry) -> dict[str, str]:
    found = registry.version("iris", "1")
    assert found
    return dict(found.tags)


class Mute(FakeModelRegistry):
    """A registry that can be read and refuses every write."""

    def set_tags(self, *_args: Any) -> None:
        raise RuntimeError("read only")


OPTED_OUT = "The version is tagged hokus.deploy=false in MLflow."
STOPPED = with_endpoint(a_deployment(status=Status.STOPPED, registered_at=NOON))

"""The task `validate`: is this version requested, and can it be served?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.items import fits
from functions.common.deployments.policy import DeployPolicy, opted_out
from functions.common.deployments.record import (
    Deployment,
    RequestedBy,
    utc_now,
    utc_text,
)
from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.deployments.times import is_ahead
from functions.common.providers.provider import Runtime
from functions.provision.compatibility.agreement_policy import (
    AgreementPolicy,
    UnknownAgreementError,
)
from functions.provision.compatibility.breaking_changes import CallersGuard
from functions.provision.compatibility.hardware_tags import RequestedHardware
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.compatibility.spending_limit import SpendingLimit
from functions.provision.compatibility.version_checks import CheckedVersion
from functions.provision.endpoint_hardware import recorded_hardware, with_hardware
from functions.provision.registry.base import FilesRefusedError, ModelRegistry, RegisteredVersion
from functions.provision.registry.tags import mark_deploying, opt_out_reason
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.polling import usual_start_s
from functions.provision.tasks.runner import TaskOutcome, failed, superseded
from functions.provision.tasks.version_record import unchecked, validated

TOO_LARGE = (
    "The model's signature is too large for the record, which holds 400 KB: it has too many "
    "columns. Log the model with a tensor, or with fewer columns."
)


class Checks(Protocol):
    """See `VersionChecks`."""

    def requested_hardware(self, version: RegisteredVersion) -> RequestedHardware: ...

    def check(
        self, deployment: Deployment, version: RegisteredVersion, requested: RequestedHardware
    ) -> CheckedVersion: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Reads the version from the registry and keeps what the later tasks and callers need.

    Attributes:
        runtime: Runs the version on its endpoint, unless it is served from its Hub source.
        guard: Refuses what would break callers of the live version.
        agreement: Chooses what is compared with the live version before it goes live.
        checks: Find what speaks against serving a version, and what it will run on.
        spending_limit: Refuses what the monthly budget has no room for.
    """

    store: DeploymentStore
    registry: ModelRegistry
    runtime: Runtime
    endpoint_reuse: EndpointReuse
    policy: DeployPolicy
    guard: CallersGuard
    agreement: AgreementPolicy
    checks: Checks
    spending_limit: SpendingLimit
    now: Callable[[], datetime] = utc_now

    def validate(self, deployment: Deployment) -> TaskOutcome:
        """`valid`, with the lock of its packages for the task `package`;
        `adopted`, when an earlier deployment's endpoint serves this very version;
        `failed` with every reason; `superseded` when it is not requested any more;
        `ignored` when the registry knows no such version.
        """
        try:
            version = self.registry.version(deployment.model_id, deployment.model_version)
        except FilesRefusedError as refused:
            return failed(str(refused), retryable=refused.may_pass)
        if version is None:
            return TaskOutcome(name="ignored", reason="MLflow does not know this version.")
        state = self.store.state(deployment.model_id)
        record = validated(deployment, version, self.runtime)
        if refusal := self._too_new(version) or self._refusal(record, version, state):
            return refusal
        try:
            agreement = self.agreement.record(record, version, state)
        except UnknownAgreementError as error:
            return failed(str(error), changed=record)
        record = replace(record, agreement=agreement)
        compared = self.guard.compare(record, state)
        if reason := self.guard.reason_against(compared, record, version, state):
            outcome = failed(reason, changed=record)
        else:
            outcome = self._prepared(deployment, record, version, state)
        return replace(outcome, compared=compared)

    def _prepared(
        self,
        deployment: Deployment,
        record: Deployment,
        version: RegisteredVersion,
        state: ModelState,
    ) -> TaskOutcome:
        """Return the outcome for a version that may be deployed: its endpoint, or what it will
        have, or what speaks against it."""
        mark_deploying(deployment, version.tags, self.registry)
        requested = self._requested(deployment, version)
        reusable_on = () if requested.faults else requested.candidates
        reusing = self.endpoint_reuse.reuse(deployment, version.registered_at, state, reusable_on)
        if reusing:
            note = "took over the endpoint that still stands"
            adopted = validated(reusing, version, self.runtime)
            compared = replace(adopted, agreement=record.agreement)
            return TaskOutcome(name="adopted", note=note, changed=compared)
        checked = self.checks.check(record, version, requested)
        reasons = [*checked.reasons]
        if over := self.spending_limit.reason_against(state, checked.hardware):
            reasons.append(Incompatibility(over, retryable=True))
        if reasons:
            return failed(
                " ".join(reason.text for reason in reasons),
                retryable=all(reason.retryable for reason in reasons),
                changed=record,
            )
        endpoint = with_hardware(record.endpoint, checked.hardware)
        expected = replace(endpoint, usual_start_s=usual_start_s(state))
        changed = replace(record, endpoint=expected)
        details = {"lock": checked.lock} if checked.lock else {}
        return TaskOutcome(
            name="valid", note=unchecked(record, version), details=details, changed=changed
        )

    def _requested(self, deployment: Deployment, version: RegisteredVersion) -> RequestedHardware:
        """Return the hardware to choose from: that of the endpoint, if there may be one."""
        requested = self.checks.requested_hardware(version)
        recorded = recorded_hardware(deployment.endpoint, requested.candidates[0])
        if recorded is None or deployment.endpoint.name is None or requested.faults:
            return requested
        return replace(requested, candidates=(recorded,))

    def _too_new(self, version: RegisteredVersion) -> TaskOutcome | None:
        """Return the failure of a version whose time is ahead: it would be the newest till then."""
        if not is_ahead(version.registered_at, self.now()):
            return None
        return failed(
            f"MLflow has registered the version at {utc_text(version.registered_at)}, more than 5 "
            "minutes ahead. Set the clock of MLflow's server, and register the version again."
        )

    def _refusal(
        self, record: Deployment, version: RegisteredVersion, state: ModelState
    ) -> TaskOutcome | None:
        """Return why it is not to be deployed; None when it is.

        An operator's request and the reconciler's second attempt stand above the registry's
        policy: both were decided with the registry in view.
        """
        first_of_registry = record.origin is RequestedBy.REGISTRY and record.attempt == 1
        if opted_out(version.tags):
            reason = opt_out_reason(version)
            if record.origin is RequestedBy.OPERATOR:
                advice = "" if version.copied_from else " Remove the tag to deploy it."
                # Without the tag the reconciler deploys it; until then it is no candidate.
                return failed(f"{reason}{advice}", retryable=True)
            return superseded(reason)
        if first_of_registry and not self.policy.allows(version.aliases):
            return superseded(f"The alias `{self.policy.alias}` does not name this version.")
        if first_of_registry and _serves_already(version, state):
            self._give_back(record, state)
            return superseded("This version is live already.")
        if not fits(record):
            return failed(TOO_LARGE)
        return None

    def _give_back(self, deployment: Deployment, state: ModelState) -> None:
        """Make the live deployment the desired one again."""
        desired = state.desired
        if state.live and desired and desired.deployment_id == deployment.id:
            back = DesiredDeployment.of(state.live, registry_version=desired.registry_version)
            self.store.set_desired(back, expected=desired)


def _serves_already(version: RegisteredVersion, state: ModelState) -> bool:
    live = state.live
    return (
        live is not None
        and live.model_version == version.version
        and live.registered_at == version.registered_at
    )

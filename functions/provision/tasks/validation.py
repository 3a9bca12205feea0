"""The task `validate`: is this version requested, and can it be served?"""

import json
from dataclasses import dataclass, replace
from typing import Any, Protocol

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.items import packed
from functions.common.deployments.policy import OPT_OUT_TAG, DeployPolicy, opted_out
from functions.common.deployments.record import (
    HUB_RUNTIME,
    Deployment,
    ModelContract,
    PackageRecord,
    RequestedBy,
    Status,
)
from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.providers.provider import Runtime
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.request_schema import request_schema
from functions.provision.compatibility.hardware_tags import RequestedHardware
from functions.provision.compatibility.pythons import python_for
from functions.provision.compatibility.version_checks import CheckedVersion
from functions.provision.endpoint_hardware import recorded_hardware, with_hardware
from functions.provision.registry.base import FilesRefusedError, ModelRegistry, RegisteredVersion
from functions.provision.registry.tags import mark_deploying
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.runner import TaskOutcome, failed, superseded

MAX_EXAMPLE_BYTES = 200_000
"""The record is one DynamoDB item of at most 400 KB, which also has schemas and a timeline."""
MAX_SCHEMA_BYTES = 90_000
"""Largest request or answer schema that is kept; about 6,000 columns."""


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
        checks: Find what speaks against serving a version, and what it will run on.
    """

    store: DeploymentStore
    registry: ModelRegistry
    runtime: Runtime
    endpoint_reuse: EndpointReuse
    policy: DeployPolicy
    checks: Checks

    def validate(self, deployment: Deployment) -> TaskOutcome:
        """`valid`; `adopted`, when an earlier deployment's endpoint serves this very version;
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
        if refusal := self._refusal(deployment, version, state):
            return refusal
        requested = self._requested(deployment, version)
        reusable_on = () if requested.faults else requested.candidates
        reusing = self.endpoint_reuse.reuse(deployment, version.registered_at, state, reusable_on)
        validated = _validated(reusing or deployment, version, self.runtime)
        if reusing:
            outcome = TaskOutcome(name="adopted", note="took over the endpoint that still stands")
            return self._deploying(outcome, validated, version)
        checked = self.checks.check(validated, version, requested)
        if checked.reasons:
            return failed(
                " ".join(reason.text for reason in checked.reasons),
                retryable=all(reason.retryable for reason in checked.reasons),
                changed=validated,
            )
        endpoint = with_hardware(validated.endpoint, checked.hardware)
        outcome = TaskOutcome(name="valid", note=_unchecked(validated, version))
        return self._deploying(outcome, replace(validated, endpoint=endpoint), version)

    def _deploying(
        self, outcome: TaskOutcome, validated: Deployment, version: RegisteredVersion
    ) -> TaskOutcome:
        mark_deploying(validated, version.tags, self.registry)
        return replace(outcome, changed=validated)

    def _requested(self, deployment: Deployment, version: RegisteredVersion) -> RequestedHardware:
        """Return the hardware to choose from: that of the endpoint, if there may be one."""
        requested = self.checks.requested_hardware(version)
        recorded = recorded_hardware(deployment.endpoint, requested.candidates[0])
        if recorded is None or deployment.endpoint.name is None or requested.faults:
            return requested
        return replace(requested, candidates=(recorded,))

    def _refusal(
        self, deployment: Deployment, version: RegisteredVersion, state: ModelState
    ) -> TaskOutcome | None:
        """Return why it is not to be deployed; None when it is.

        An operator's request and the reconciler's second attempt stand above the registry's
        policy: both were decided with the registry in view.
        """
        first_of_registry = deployment.origin is RequestedBy.REGISTRY and deployment.attempt == 1
        if opted_out(version.tags):
            reason = f"The version is tagged {OPT_OUT_TAG}=false in MLflow."
            if deployment.origin is RequestedBy.OPERATOR:
                return failed(f"{reason} Remove the tag to deploy it.")
            return superseded(reason)
        if first_of_registry and not self.policy.allows(version.aliases):
            return superseded(f"The alias `{self.policy.alias}` does not name this version.")
        if first_of_registry and _serves_already(version, state):
            self._give_back(deployment, state)
            return superseded("This version is live already.")
        return None

    def _give_back(self, deployment: Deployment, state: ModelState) -> None:
        """Make the live deployment the desired one again."""
        desired = state.desired
        if state.live and desired and desired.deployment_id == deployment.id:
            back = DesiredDeployment.of(state.live, registry_version=desired.registry_version)
            self.store.set_desired(back, expected=desired)


def _validated(deployment: Deployment, version: RegisteredVersion, runtime: Runtime) -> Deployment:
    """Return *deployment* with what the later tasks and callers need of *version*."""
    return replace(
        deployment,
        status=Status.DEPLOYING,
        registered_at=version.registered_at,
        package=_package(deployment.package, version, runtime),
        contract=ModelContract(
            inputs=version.inputs,
            outputs=version.outputs,
            params=version.params,
            request_schema=_request_schema(version),
            answer_schema=_answer_schema(version),
            input_example=_fitting(version.input_example),
        ),
    )


def _package(known: PackageRecord, version: RegisteredVersion, runtime: Runtime) -> PackageRecord:
    """Return what is to run, and the Hub source; what was packaged before stays as it is."""
    if known.repository:
        return known
    source = version.hub_source
    if source is None:
        return PackageRecord(runtime=runtime.name, python=python_for(version, runtime.pythons))
    return PackageRecord(
        runtime=HUB_RUNTIME,
        repository=source.name,
        revision=source.revision,
        task=source.task,
    )


def _serves_already(version: RegisteredVersion, state: ModelState) -> bool:
    live = state.live
    return (
        live is not None
        and live.model_version == version.version
        and live.registered_at == version.registered_at
    )


def _request_schema(version: RegisteredVersion) -> dict[str, Any] | None:
    """Return the schema that calls will be checked by; None for a Hub source, whose signature
    describes what MLflow would make of it, and for one that is too large for the record."""
    if version.hub_source:
        return None
    hinted = version.from_type_hint
    return _fitting_schema(request_schema(version.inputs, version.params, from_type_hint=hinted))


def _answer_schema(version: RegisteredVersion) -> dict[str, Any] | None:
    """Return the schema that the smoke test checks answers by; None as for requests."""
    return None if version.hub_source else _fitting_schema(answer_schema(version.outputs))


def _fitting_schema(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    return schema if len(packed(schema)) <= MAX_SCHEMA_BYTES else None


def _unchecked(validated: Deployment, version: RegisteredVersion) -> str | None:
    """Return the note that a signature is too large to check calls by."""
    if validated.contract.request_schema or version.inputs is None or version.hub_source:
        return None
    return "valid, with a signature too large to check calls by"


def _fitting(example: dict[str, Any] | None) -> dict[str, Any] | None:
    """The example, unless it is too large for the record."""
    size_bytes = len(json.dumps(example, ensure_ascii=False).encode())
    return example if size_bytes <= MAX_EXAMPLE_BYTES else None

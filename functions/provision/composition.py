"""The composition roots: each use case with its adapters, made once per execution environment.

What needs mlflow, huggingface_hub or what comes with them is imported by the tasks that use it:
the other tasks' bundles do not hold these packages.
"""

import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.workflow import StepFunctionsWorkflow
from functions.common.providers import registry as providers
from functions.common.providers.base import EndpointControl, InferenceClient
from functions.common.providers.prices import PriceList
from functions.common.providers.provider import Provider
from functions.common.secrets import Secrets, SecretsManagerSecrets
from functions.provision.compatibility.budget import Budget
from functions.provision.compatibility.checks import (
    Incompatibility,
    Platform,
    find_incompatibilities,
)
from functions.provision.names import endpoint_name, installation_tag
from functions.provision.reconciliation.plan import Planner
from functions.provision.reconciliation.reconciler import Reconciler
from functions.provision.registry.base import ModelRegistry, RegisteredVersion
from functions.provision.removal import Removal
from functions.provision.settings import ProvisionSettings, ReconcileSettings, RegistrySettings
from functions.provision.tasks.activation import Activation
from functions.provision.tasks.clean_up import CleanUp
from functions.provision.tasks.creation import EndpointCreation
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.retirement import Retirement
from functions.provision.tasks.smoke_test import SmokeTest
from functions.provision.tasks.validation import Validation

if TYPE_CHECKING:
    from functions.provision.tasks.packaging import Packaging

SECRET_BYTES = 32


@cache
def settings() -> ProvisionSettings:
    """Read at the first task, never at import."""
    return ProvisionSettings.from_env()


@cache
def store() -> DeploymentStore:
    """Return the store of deployments."""
    return DynamoDeploymentStore(boto3.client("dynamodb"), settings().table_name)


@cache
def secret_values() -> Secrets:
    """Return the reader of secrets."""
    return SecretsManagerSecrets()


@cache
def provider() -> Provider:
    """Return the provider that runs the models."""
    return providers.provider(secrets=secret_values())


@cache
def control() -> EndpointControl:
    return provider().control()


@cache
def inference() -> InferenceClient:
    return provider().inference()


@cache
def price_list() -> PriceList:
    return provider().prices()


def budget() -> Budget:
    return Budget(
        control=control(),
        tag=installation_tag(settings().installation),
        prices=price_list(),
        max_endpoints=settings().max_endpoints,
        max_hourly_usd=settings().max_hourly_cost_usd,
    )


def registry() -> ModelRegistry:
    """MLflow; made anew for every task, so that rotated credentials are used."""
    from functions.provision.registry.mlflow_registry import (  # noqa: PLC0415 - see above
        Credentials,
        MlflowModelRegistry,
    )

    where = RegistrySettings.from_env()
    held = secret_values().current(where.mlflow_credentials_secret)
    return MlflowModelRegistry(where.mlflow_tracking_uri, Credentials.from_secret(held))


def validation() -> Validation:
    return Validation(
        store=store(),
        registry=registry(),
        endpoint_reuse=EndpointReuse(
            store=store(), control=control(), hardware=provider().hardware()
        ),
        policy=DeployPolicy.of(RegistrySettings.from_env().deploy_alias),
        find_incompatibilities=_find_incompatibilities,
    )


def _find_incompatibilities(
    deployment: Deployment, version: RegisteredVersion
) -> list[Incompatibility]:
    platform = Platform(
        hardware=provider().hardware(),
        offers=price_list().offers(),
        container_pythons=provider().limits().container_pythons,
        requirement_faults=provider().requirement_faults,
    )
    reasons = find_incompatibilities(version, platform)
    ours = deployment.endpoint.name or endpoint_name(deployment.model_id, deployment.id)
    if over := budget().reason_against(provider().hardware(), ours=ours):
        reasons = [*reasons, Incompatibility(over, retryable=True)]
    return reasons


def packaging() -> "Packaging":
    from functions.provision.tasks.packaging import Packaging  # noqa: PLC0415 - see above

    return Packaging(
        registry=registry(),
        hub=provider().model_hub(),
        add_runtime=provider().add_runtime,
        namespace=provider().namespace,
        new_secret=lambda: secrets.token_urlsafe(SECRET_BYTES),
    )


def creation() -> EndpointCreation:
    return EndpointCreation(
        control=control(),
        hardware=provider().hardware(),
        installation=settings().installation,
        budget=budget(),
    )


def readiness() -> Readiness:
    return Readiness(
        control=control(),
        inference=inference(),
        deadline_s=settings().endpoint_deadline_s,
        now=lambda: datetime.now(UTC),
    )


def smoke_test() -> SmokeTest:
    return SmokeTest(
        inference=inference(),
        timeout_s=settings().verify_timeout_s,
        times=settings().verify_times,
        max_latency_s=settings().verify_max_latency_s,
    )


def activation() -> Activation:
    return Activation(store=store())


def removal() -> Removal:
    return Removal(store=store(), control=control(), namespace=provider().namespace)


def retirement() -> Retirement:
    return Retirement(store=store(), removal=removal())


def cleaning() -> CleanUp:
    return CleanUp(store=store(), removal=removal())


def reconciler() -> Reconciler:
    where = ReconcileSettings.from_env()
    workflow = StepFunctionsWorkflow(boto3.client("stepfunctions"), where.state_machine_arn)
    return Reconciler(
        store=store(),
        registry=registry(),
        control=control(),
        workflow=workflow,
        requests=DeploymentRequests(store(), workflow, installation=where.installation),
        removal=removal(),
        planner=Planner(
            policy=DeployPolicy.of(where.deploy_alias),
            api_url=where.api_url,
            retire_after=timedelta(seconds=where.retire_after_s),
        ),
        installation=where.installation,
        now=lambda: datetime.now(UTC),
    )

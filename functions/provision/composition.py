"""The composition roots: each use case with its adapters, made once per execution environment.

What needs mlflow, huggingface_hub or what comes with them is imported by the tasks that use it:
the other tasks' bundles do not hold these packages.
"""

import secrets
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import boto3

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.base import EndpointControl, Hardware, InferenceClient
from functions.common.providers.huggingface.control import HuggingFaceControl
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.secrets import Secrets, SecretsManagerSecrets
from functions.provision.activation import Activation
from functions.provision.clean_up import CleanUp
from functions.provision.endpoint import EndpointCreation
from functions.provision.proving import Proving
from functions.provision.readiness import Readiness
from functions.provision.registry import ModelRegistry
from functions.provision.retirement import Retirement
from functions.provision.settings import ProvisionSettings, RegistrySettings
from functions.provision.validation import Validation

if TYPE_CHECKING:
    from functions.provision.packaging import Packaging

SECRET_BYTES = 32


@cache
def settings() -> ProvisionSettings:
    """Read at the first task, never at import."""
    return ProvisionSettings.from_env()


@cache
def store() -> DeploymentStore:
    """Where deployments are kept."""
    return DynamoDeploymentStore(boto3.client("dynamodb"), settings().table_name)


@cache
def secret_values() -> Secrets:
    """Where secrets are read."""
    return SecretsManagerSecrets()


def token() -> str:
    """Hugging Face's, at most a minute old."""
    return secret_values().current(settings().huggingface_token_secret)


@cache
def control() -> EndpointControl:
    """Provisions endpoints on Hugging Face."""
    return HuggingFaceControl(
        api_url=settings().huggingface_api_url,
        hub_url=settings().huggingface_hub_url,
        namespace=settings().huggingface_namespace,
        token=token,
    )


@cache
def inference() -> InferenceClient:
    """Calls endpoints as predictions do."""
    return HuggingFaceInference(endpoint_domain=settings().endpoint_domain, token=token)


def registry() -> ModelRegistry:
    """Reads from MLflow; made anew for every task, so that rotated credentials are used."""
    from functions.provision.mlflow_registry import (  # noqa: PLC0415 - see above
        Credentials,
        MlflowModelRegistry,
    )

    where = RegistrySettings.from_env()
    held = secret_values().current(where.mlflow_credentials_secret)
    return MlflowModelRegistry(where.mlflow_tracking_uri, Credentials.from_secret(held))


def validation() -> Validation:
    return Validation(store=store(), registry=registry())


def packaging() -> "Packaging":
    from functions.provision.huggingface_model_hub import (  # noqa: PLC0415 - see above
        HuggingFaceModelHub,
    )
    from functions.provision.packaging import Packaging  # noqa: PLC0415 - see above

    return Packaging(
        store=store(),
        registry=registry(),
        hub=HuggingFaceModelHub(settings().huggingface_hub_url, token=token),
        namespace=settings().huggingface_namespace,
    )


def creation() -> EndpointCreation:
    where = settings()
    hardware = Hardware(
        vendor=where.endpoint_vendor,
        region=where.endpoint_region,
        instance_type=where.instance_type,
        instance_size=where.instance_size,
        min_replicas=where.min_replicas,
        max_replicas=where.max_replicas,
        scale_to_zero_after_min=None if where.min_replicas else where.scale_to_zero_after_min,
    )
    return EndpointCreation(
        store=store(),
        control=control(),
        hardware=hardware,
        new_secret=lambda: secrets.token_urlsafe(SECRET_BYTES),
    )


def readiness() -> Readiness:
    return Readiness(
        store=store(),
        control=control(),
        inference=inference(),
        deadline_s=settings().endpoint_deadline_s,
        now=lambda: datetime.now(UTC),
    )


def proving() -> Proving:
    return Proving(inference=inference(), timeout_s=settings().prove_timeout_s)


def activation() -> Activation:
    return Activation(store=store())


def retirement() -> Retirement:
    return Retirement(store=store(), control=control(), namespace=settings().huggingface_namespace)


def cleaning() -> CleanUp:
    return CleanUp(store=store(), control=control(), namespace=settings().huggingface_namespace)

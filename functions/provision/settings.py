"""Settings of the workflow's tasks and of the reconciler."""

from pydantic import Field

from functions.common.settings import (
    DeploySettings,
    InstallationSettings,
    Settings,
    SharedStateSettings,
)


class ModelCostSettings(Settings):
    """The ceiling on one model."""

    max_model_hourly_cost_usd: float = Field(
        default=1,
        gt=0,
        description="Dollars an hour, with all replicas, that one model's tags may ask for.",
    )


class ProvisionSettings(DeploySettings, ModelCostSettings):
    """Settings of the workflow's tasks."""

    endpoint_deadline_s: float = Field(
        default=900,
        gt=0,
        le=86_400,
        description="Seconds that an endpoint may take from its creation to its first health.",
    )
    verify_timeout_s: float = Field(
        default=25, gt=0, le=600, description="Seconds that each verifying prediction may take."
    )
    verify_times: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Timed predictions of a verification, after a first one.",
    )
    verify_max_latency_s: float = Field(
        default=2, gt=0, le=600, description="Seconds that the median of them may take."
    )
    max_endpoints: int = Field(
        default=50, ge=1, description="Endpoints at once, those being replaced among them."
    )
    max_hourly_cost_usd: float = Field(
        default=10, gt=0, description="Dollars an hour for all endpoints with all replicas."
    )


class RegistrySettings(Settings):
    """Settings of what reads from MLflow."""

    mlflow_tracking_uri: str = Field(description="Address of the MLflow server.")
    artifact_bucket: str = Field(
        default="", description="S3 bucket whose files MLflow may name; empty: none is read."
    )
    mlflow_credentials_secret: str = Field(
        description="Name of the secret that holds `{}`, `{username, password}` or `{token}`."
    )


class ReconcileSettings(ProvisionSettings, SharedStateSettings):
    """Settings of the reconciler."""

    api_url: str = Field(description="Base of the API, ends in `/api/v1`.")
    state_machine_arn: str = Field(description="The workflow that provisions.")
    retire_after_s: float = Field(
        gt=0, description="Seconds that a stopped deployment's endpoint is kept."
    )
    records_kept_days: float = Field(
        default=90, ge=1, description="Days that records of ended deployments are kept."
    )


class WebhookSettings(InstallationSettings):
    """Settings of the webhook in MLflow."""

    api_url: str = Field(description="Base of the API, ends in `/api/v1`.")
    webhook_secret: str = Field(description="Name of the secret that signs deliveries.")
    manage_webhook: bool = Field(
        default=True,
        description="Whether the reconciler keeps the webhook in MLflow, or people do.",
    )

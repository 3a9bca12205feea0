"""Settings of the workflow's tasks and of the reconciler."""

from pydantic import Field

from functions.common.settings import DeploySettings, HuggingFaceSettings, InstallationSettings


class ProvisionSettings(InstallationSettings, HuggingFaceSettings):
    """Settings of every task and of the reconciler."""

    endpoint_vendor: str = Field(
        default="aws", description="Whose cloud the endpoints run in: `aws`, `azure` or `gcp`."
    )
    endpoint_region: str = Field(
        default="us-east-1", description="The vendor's region, as Hugging Face names it."
    )
    instance_type: str = Field(
        default="intel-spr", description="CPU instance type, as in Hugging Face's price list."
    )
    instance_size: str = Field(
        default="x2", description="Its size; x2 has 2 vCPUs and 4 GB, less is tight for MLflow."
    )
    container_pythons: str = Field(
        default="3.11,3.12",
        description="Minor versions of Python of which an endpoint's container has one.",
    )
    min_replicas: int = Field(
        default=1, ge=0, le=100, description="Replicas always kept; 0 lets the endpoint sleep."
    )
    max_replicas: int = Field(
        default=1, ge=1, le=100, description="Replicas under load; at least MIN_REPLICAS."
    )
    scale_to_zero_after_min: int = Field(
        default=15,
        ge=15,
        le=2880,
        description="Idle minutes before the endpoint sleeps; used when MIN_REPLICAS is 0.",
    )
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
        default=5, ge=1, le=100, description="Proving predictions that are timed, after a first."
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


class RegistrySettings(DeploySettings):
    """Settings of what reads from MLflow."""

    mlflow_tracking_uri: str = Field(description="Address of the MLflow server.")
    mlflow_credentials_secret: str = Field(
        description="Name of the secret that holds `{}`, `{username, password}` or `{token}`."
    )


class ReconcileSettings(RegistrySettings):
    """Settings of the reconciler."""

    api_url: str = Field(description="Base of the API, ends in `/api/v1`.")
    state_machine_arn: str = Field(description="The workflow that provisions.")
    retire_after_s: float = Field(
        gt=0, description="Seconds that a stopped deployment's endpoint is kept."
    )

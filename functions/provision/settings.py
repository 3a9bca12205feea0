"""What the tasks of the workflow can be told from outside."""

from pydantic import Field

from functions.common.settings import HuggingFaceSettings, Settings, TableSettings


class ProvisionSettings(TableSettings, HuggingFaceSettings):
    """Settings of every task."""

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
    prove_timeout_s: float = Field(
        default=25, gt=0, le=600, description="Seconds that the proving prediction may take."
    )


class RegistrySettings(Settings):
    """Settings of the tasks that read from MLflow."""

    mlflow_tracking_uri: str = Field(description="Address of the MLflow server.")
    mlflow_credentials_secret: str = Field(
        description="Name of the secret that holds `{}`, `{username, password}` or `{token}`."
    )

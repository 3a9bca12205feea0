"""What the prediction API can be told from outside."""

from pydantic import Field

from functions.common.settings import (
    HuggingFaceSettings,
    InstallationSettings,
    Settings,
    TableSettings,
)


class SharedStateSettings(Settings):
    """Where the data plane's execution environments share what they know."""

    state_table_name: str = Field(description="Name of the table that they share.")


class CorsSettings(Settings):
    """Which web pages may call the API from a browser."""

    cors_origins: str = Field(
        default="",
        description="Origins of pages that may call the API, with spaces between; `*`: all.",
    )


class PredictSettings(TableSettings, SharedStateSettings, HuggingFaceSettings):
    """Settings of the function that predicts."""

    reconcile_function: str = Field(description="The function that makes reality follow.")
    lookup_max_age_s: float = Field(
        default=5, ge=0, le=60, description="Seconds for which a looked-up deployment is kept."
    )
    prediction_deadline_s: float = Field(
        default=25,
        gt=0,
        le=28,
        description="Seconds for one prediction in all; API Gateway gives up after 29.",
    )


class DescribeSettings(TableSettings, SharedStateSettings):
    """Settings of the function that only tells."""

    api_url: str = Field(description="The API's own address, without a slash at its end.")


class OperationsSettings(InstallationSettings):
    """Settings of the function behind the operating routes."""

    state_machine_arn: str = Field(description="The workflow that provisions.")
    reconcile_function: str = Field(description="The function that makes reality follow.")


class AuthorizerSettings(SharedStateSettings):
    """Settings of the Lambda authorizer."""

    auth_url: str = Field(
        default="https://auth.hokus.ai", description="The service that knows the API keys."
    )
    auth_service_id: str = Field(
        default="platform", description="The service that a key must be good for."
    )
    auth_timeout_s: float = Field(
        default=5, gt=0, le=25, description="Seconds to wait for the auth service."
    )

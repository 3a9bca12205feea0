"""Settings of the Lambda authorizer."""

from pydantic import Field

from functions.common.settings import Settings


class AuthorizerSettings(Settings):
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

"""Settings of the webhook function."""

from pydantic import Field

from functions.common.settings import DeploySettings


class HookSettings(DeploySettings):
    """Settings of the webhook function."""

    state_machine_arn: str = Field(description="The workflow that provisions.")
    reconcile_function: str = Field(description="Name of the reconcile function.")
    webhook_secret: str = Field(description="Name of the secret that signs deliveries.")

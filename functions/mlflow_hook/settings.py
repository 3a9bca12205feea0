"""What the webhook can be told from outside."""

from pydantic import Field

from functions.common.settings import DeploySettings


class HookSettings(DeploySettings):
    """Settings of the webhook function."""

    state_machine_arn: str = Field(description="The workflow that provisions.")
    reconcile_function: str = Field(description="The function that makes reality follow.")
    webhook_secret: str = Field(description="Name of the secret that signs deliveries.")

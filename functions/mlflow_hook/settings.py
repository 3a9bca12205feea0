"""What the webhook can be told from outside."""

from pydantic import Field

from functions.common.settings import TableSettings


class HookSettings(TableSettings):
    """Settings of the webhook function."""

    state_machine_arn: str = Field(description="The workflow that provisions.")
    webhook_secret: str = Field(description="Name of the secret that signs deliveries.")

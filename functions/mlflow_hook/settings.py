"""Settings of the webhook function."""

from typing import Annotated

from msgspec import Meta

from functions.common.settings import DeploySettings


class HookSettings(DeploySettings, frozen=True, kw_only=True):
    """Settings of the webhook function."""

    state_machine_arn: Annotated[str, Meta(description="The workflow that provisions.")]
    reconcile_function: Annotated[str, Meta(description="Name of the reconcile function.")]
    webhook_secret: Annotated[str, Meta(description="Name of the secret that signs deliveries.")]

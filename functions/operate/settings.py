"""Settings of the operate function."""

from typing import Annotated

from msgspec import Meta

from functions.common.settings import InstallationSettings


class OperationsSettings(InstallationSettings, frozen=True, kw_only=True):
    """Settings of the function behind the operating routes."""

    state_machine_arn: Annotated[str, Meta(description="The workflow that provisions.")]
    reconcile_function: Annotated[str, Meta(description="Name of the reconcile function.")]
    api_url: Annotated[str, Meta(description="Base of the API, ends in `/api/v1`.")]

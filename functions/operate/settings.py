"""Settings of the operate function."""

from pydantic import Field

from functions.common.settings import InstallationSettings


class OperationsSettings(InstallationSettings):
    """Settings of the function behind the operating routes."""

    state_machine_arn: str = Field(description="The workflow that provisions.")
    reconcile_function: str = Field(description="Name of the reconcile function.")

"""Settings from the function's environment: read once, lazily, with all faults reported at once.

A field `table_name` is the variable `TABLE_NAME`; the CDK app sets the variables from the same
field names. Secrets are never settings: a field holds the *name* of a secret (see `secrets`).
"""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class SettingsError(Exception):
    """Variables are missing or hold values that cannot be used; the message names all."""


class Settings(BaseModel):
    """Base of every function's settings."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read every field from its variable.

        Raises: SettingsError (missing or unusable variables, by name).
        """
        values = {
            name: environ[name.upper()] for name in cls.model_fields if name.upper() in environ
        }
        try:
            return cls.model_validate(values)
        except ValidationError as invalid:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in invalid.errors(include_input=False)
            )
            raise SettingsError(faults) from None


class TableSettings(Settings):
    """The table of deployments."""

    table_name: str = Field(description="Name of the table `deployed_models`.")


class InstallationSettings(TableSettings):
    """Identity of this installation of the service."""

    installation: str = Field(
        description="Tells it from others that use the same Hugging Face organisation."
    )


class DeploySettings(InstallationSettings):
    """The deploy policy."""

    deploy_alias: str = Field(
        default="",
        description="Only the version that this alias names is deployed; empty: the newest one.",
    )


class SharedStateSettings(Settings):
    """The table that the data plane's execution environments share."""

    state_table_name: str = Field(description="Name of the table that they share.")


class CorsSettings(Settings):
    """Web pages that may call the API from a browser."""

    cors_origins: str = Field(
        default="",
        description="Origins of pages that may call the API, with spaces between; `*`: all.",
    )


class MetricsSettings(Settings):
    """Which metrics are counted."""

    metrics_per_model: bool = Field(
        default=True,
        description="Whether each model has metrics of its own, 0.30 USD a month each.",
    )

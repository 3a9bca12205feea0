"""Settings from the function's environment: read once, lazily, with all faults reported at once.

A field `table_name` is the variable `TABLE_NAME`; the CDK app sets the variables from the same
field names. Secrets are never settings: a field holds the *name* of a secret (see `secrets`).
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Self

from msgspec import Meta, Struct, ValidationError, convert
from msgspec.structs import FieldInfo, fields


class SettingsError(Exception):
    """Variables are missing or hold values that cannot be used; the message names all."""


class Settings(Struct, frozen=True, kw_only=True):
    """Base of every function's settings; each field's `Meta` has its bounds and a description."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read every field from its variable.

        Raises: SettingsError (missing or unusable variables, by name).
        """
        values: dict[str, Any] = {}
        faults: list[str] = []
        for field in fields(cls):
            variable = field.name.upper()
            if variable in environ:
                try:
                    values[field.name] = convert(environ[variable], field.type, strict=False)
                except ValidationError:
                    faults.append(f"{variable} cannot be used: {_expected(field)}")
            elif field.required:
                faults.append(f"{variable} is missing: {_expected(field)}")
        if faults:
            raise SettingsError("; ".join(faults))
        return cls(**values)


def meta(field: FieldInfo) -> Meta:
    """Return the description and the bounds of a setting."""
    found: Meta = field.type.__metadata__[0]
    return found


def _expected(field: FieldInfo) -> str:
    """Return what can stand there; msgspec's own message can quote what does."""
    about = meta(field)
    bounds = {"at least": about.ge, "above": about.gt, "at most": about.le}
    words = [f"{name} {bound}" for name, bound in bounds.items() if bound is not None]
    return f"{about.description} ({', '.join(words)})" if words else str(about.description)


StateTableName = Annotated[
    str, Meta(description="Name of the table that the data plane's environments share.")
]


PredictionDeadline = Annotated[
    float,
    Meta(
        gt=0,
        le=28,
        description="Seconds for one prediction in all; API Gateway gives up after 29.",
    ),
]
AutomaticRollback = Annotated[
    bool, Meta(description="Whether a new version whose calls fail is taken back by itself.")
]
RollbackWindowS = Annotated[
    float,
    Meta(
        ge=0,
        description="Seconds for which a replaced endpoint is kept, so that it can serve again.",
    ),
]
ROLLBACK_WINDOW_S = 600


class TableSettings(Settings, frozen=True, kw_only=True):
    """The table of deployments."""

    table_name: Annotated[str, Meta(description="Name of the table `deployed_models`.")]


class InstallationSettings(TableSettings, frozen=True, kw_only=True):
    """Identity of this installation of the service."""

    installation: Annotated[
        str,
        Meta(description="Tells it from others that use the same Hugging Face organisation."),
    ]


class DeploySettings(InstallationSettings, frozen=True, kw_only=True):
    """The deploy policy."""

    deploy_alias: Annotated[
        str,
        Meta(
            description="Only the version that this alias names is deployed; empty: the newest one."
        ),
    ] = ""


class SharedStateSettings(TableSettings, frozen=True, kw_only=True):
    """The table that the data plane's execution environments share, beside that of deployments."""

    state_table_name: StateTableName


class CorsSettings(Settings, frozen=True, kw_only=True):
    """Web pages that may call the API from a browser."""

    cors_origins: Annotated[
        str,
        Meta(description="Origins of pages that may call the API, with spaces between; `*`: all."),
    ] = ""


class MetricsSettings(Settings, frozen=True, kw_only=True):
    """Which metrics are counted."""

    metrics_per_model: Annotated[
        bool, Meta(description="Whether each model has metrics of its own, 0.30 USD a month each.")
    ] = True

"""The environments there are, and how one is chosen.

`-c env=<name>` chooses; the fields in `FROM_CONTEXT` can also be given as `-c <field>=<value>`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aws_cdk import aws_logs as logs

from infra.config import Environment
from infra.existing_service import fault_of
from infra.rollouts import ALL_AT_ONCE, ROLLOUTS

FROM_CONTEXT = (
    "alarm_email",
    "api_origin",
    "artifact_bucket",
    "artifact_key_arn",
    "auth_url",
    "certificate_arn",
    "cors_origins",
    "deploy_alias",
    "domain_name",
    "existing_service_url",
    "hosted_zone_id",
    "huggingface_namespace",
    "huggingface_url",
    "mlflow_tracking_uri",
    "predict_rollout",
)


class ConfigurationError(Exception):
    """The stack cannot be made of these settings; the message says what to do."""


class UnknownEnvironmentError(ConfigurationError):
    """There is no environment of this name; the message names those there are."""


class MissingSettingError(ConfigurationError):
    """The environment has no value for a setting that must be given; the message says how."""


PRODUCTION = Environment(
    name="production",
    # The oldest glibc that every wheel of the locks (hf-xet) and Amazon Linux 2023 agree on.
    python_platform="aarch64-manylinux_2_28",
    keep_data=True,
    log_retention=logs.RetentionDays.THREE_MONTHS,
    mlflow_tracking_uri="https://registry.hokus.ai/api/mlflow",
    huggingface_namespace="hokusai",
)
STAGING = replace(
    PRODUCTION,
    name="staging",
    keep_data=False,
    # Must be given: two environments would overwrite each other's tags in one registry.
    mlflow_tracking_uri="",
)
LOCAL = Environment(
    name="local",
    python_platform=None,
    keep_data=False,
    log_retention=logs.RetentionDays.ONE_DAY,
    mlflow_tracking_uri="http://127.0.0.1:5000",
    huggingface_namespace="hokusai",
    huggingface_url="http://127.0.0.1:5001",
    auth_url="http://127.0.0.1:5002",
    # MiniStack does not see the source address and would answer 401 to everybody.
    authorizer_identity_sources=("method.request.header.Authorization",),
    # A browser and a test run ask for the open documents far more often than people do.
    open_requests_per_second=100,
    open_burst=200,
    lookup_max_age_s=1,
    prediction_deadline_s=10,
    endpoint_deadline_s=300,
    retire_margin_s=1,
    rollback_window_s=0,
    # MiniStack has neither X-Ray's rules nor CodeDeploy.
    traced_share=0,
    predict_rollout=ALL_AT_ONCE,
    # Rare enough that a person, or a test, sees the effects of events alone.
    reconcile_every_min=60,
    deletion_poll_s=1,
    retry_interval_s=1,
    # MiniStack ignores the maximum delay: it goes on doubling.
    retries=3,
    cleaning_retries=5,
)
ENVIRONMENTS = {environment.name: environment for environment in (PRODUCTION, STAGING, LOCAL)}


def environment_from_name(name: str) -> Environment:
    """Raises: UnknownEnvironmentError."""
    if name not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        raise UnknownEnvironmentError(f"There is no environment {name!r}; there are: {known}.")
    return ENVIRONMENTS[name]


def environment_from_context(context: Callable[[str], str | None]) -> Environment:
    """Return the environment that *context* names, with its overrides; production by default.

    *context* returns a value by name, or None.

    Raises: ConfigurationError (no such environment or rollout, or a setting is missing or useless).
    """
    name = context("env") or PRODUCTION.name
    values: dict[str, Any] = {
        field_: value for field_ in FROM_CONTEXT if (value := context(field_))
    }
    if origins := values.get("cors_origins"):
        values["cors_origins"] = tuple(origins.split())
    environment = replace(environment_from_name(name), **values)
    _check_domain(environment)
    if fault := fault_of(environment, secure=name != LOCAL.name):
        raise ConfigurationError(fault)
    if environment.predict_rollout not in ROLLOUTS:
        raise ConfigurationError(
            f"There is no rollout {environment.predict_rollout!r}; there are: "
            f"{', '.join(ROLLOUTS)}."
        )
    if not environment.mlflow_tracking_uri:
        raise MissingSettingError(
            f"{name} needs an MLflow of its own, because environments would overwrite each other's "
            "tags in one: give its address with -c mlflow_tracking_uri=…"
        )
    return environment


def _check_domain(environment: Environment) -> None:
    """Raises: MissingSettingError (a domain without a certificate, or the reverse)."""
    name, certificate = environment.domain_name, environment.certificate_arn
    if name and not certificate:
        raise MissingSettingError(
            f"The domain {name} needs a certificate of AWS Certificate Manager in the stack's "
            "region: give its ARN with -c certificate_arn=…"
        )
    if (certificate or environment.hosted_zone_id) and not name:
        raise MissingSettingError(
            "certificate_arn and hosted_zone_id are of a domain: give its name with "
            "-c domain_name=…"
        )

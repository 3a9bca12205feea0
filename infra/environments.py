"""The environments there are."""

from dataclasses import replace

from aws_cdk import aws_logs as logs

from infra.config import Environment
from infra.rollouts import ALL_AT_ONCE


class ConfigurationError(Exception):
    """The stack cannot be made of these settings; the message says what to do."""


class UnknownEnvironmentError(ConfigurationError):
    """There is no environment of this name; the message names those there are."""


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
    # Long enough to see a version fail, short enough to wait for.
    rollback_window_s=30,
    rollback_poll_s=2,
    undeployed_kept_s=0,
    # MiniStack has neither X-Ray's rules nor CodeDeploy, and of alarms only those on one metric.
    traced_share=0,
    has_metric_math=False,
    predict_rollout=ALL_AT_ONCE,
    # MiniStack completes a deployment before its snapshots, and refuses calls until they are made.
    snap_start="off",
    metrics_per_model=True,
    # Rare enough that a person, or a test, sees the effects of events alone.
    reconcile_every_min=60,
    uptime_every_min=60,
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

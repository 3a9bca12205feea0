"""What differs between environments, and what a user will want to change.

`-c env=<name>` chooses one; the fields in `FROM_CONTEXT` can also be given as `-c <field>=<value>`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from sys import version_info
from typing import Any

from aws_cdk import aws_logs as logs

FROM_CONTEXT = (
    "alarm_email",
    "api_origin",
    "auth_url",
    "certificate_arn",
    "cors_origins",
    "deploy_alias",
    "domain_name",
    "huggingface_namespace",
    "huggingface_url",
    "mlflow_tracking_uri",
)


class UnknownEnvironmentError(Exception):
    """There is no environment of this name; the message names those there are."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one function gets.

    Attributes:
        timeout_s: After this many seconds Lambda ends the call.
        storage_mib: Size of /tmp; more than 512 is paid for.
    """

    memory_mib: int
    timeout_s: int
    storage_mib: int = 512


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Settings of one environment.

    Attributes:
        python_platform: What the bundles are built for, in uv's words; None: this machine.
        keep_data: Whether table and secrets outlive the stack, protected from deletion.
        huggingface_url: Stands in for both the control API and the Hub; None: the public ones.
        auth_url: None: the default of `AuthorizerSettings`.
        domain_name: The API's own name, with a certificate of the same region; None: AWS's name.
        api_origin: Where the stage answers, `{api_id}` and `{region}` to be filled in; unused with
            a domain name.
        deploy_alias: Only the version that this alias names is deployed; empty: the newest one.
        alarm_email: Who is told of failures; None: subscribe to the topic by hand.
        requests_per_second, burst: Of the whole API; above them it answers 429.
        cors_origins: Of the web pages that may call the API from a browser; `*` is every page. With
            `-c`, spaces between them.
        compress_from_bytes: Answers from this size on are compressed for callers who can take that;
            requests may be compressed, too, and are inflated by API Gateway.
        binary_media_types: Bodies of these types reach the functions in base64.
        authorizer_cache_s: How long a revoked key may go on working, in seconds.
        authorizer_identity_sources: The cache's key; a request without one of them gets 401.
        lookup_max_age_s, prediction_deadline_s: Also what `retire_after_s` follows from.
        endpoint_deadline_s: From creation to running and healthy, in seconds.
        rollback_window_s: How much longer than it is used a replaced endpoint stands, and is paid
            for, so that going back to it takes seconds.
        reconcile_every_min: Between two reconciliations of all models, in minutes.
        retry_interval_s: Before the first retry of a workflow task; doubles with each further one.
        cleaning_retries: Of the tasks that delete endpoints (`infra.limits.CLEANING`).
        reconcile_retries, reconcile_model_s: Of the look at one model that ends a workflow.
        authorizer_variables, provision_variables: Further environment variables; what is absent
            has the default of the function's settings model.
    """

    name: str
    python_platform: str | None
    keep_data: bool
    log_retention: logs.RetentionDays
    mlflow_tracking_uri: str
    huggingface_namespace: str
    huggingface_url: str | None = None
    auth_url: str | None = None
    domain_name: str | None = None
    certificate_arn: str | None = None
    api_origin: str = "https://{api_id}.execute-api.{region}.amazonaws.com/live"
    deploy_alias: str = ""
    alarm_email: str | None = None
    requests_per_second: int = 100
    burst: int = 200
    cors_origins: tuple[str, ...] = ()
    compress_from_bytes: int = 1_024
    binary_media_types: tuple[str, ...] = ()
    authorizer_cache_s: int = 60
    authorizer_identity_sources: tuple[str, ...] = (
        "method.request.header.Authorization",
        "context.identity.sourceIp",
    )
    lookup_max_age_s: int = 5
    prediction_deadline_s: int = 25
    endpoint_deadline_s: int = 900
    retire_margin_s: int = 10
    rollback_window_s: int = 600
    reconcile_every_min: int = 15
    poll_interval_s: int = 15
    deletion_poll_s: int = 10
    retry_interval_s: int = 2
    retry_max_delay_s: int = 60
    retries: int = 4
    cleaning_retries: int = 10
    reconcile_retries: int = 2
    reconcile_model_s: int = 120
    predict: Size = Size(memory_mib=1024, timeout_s=28)
    describe: Size = Size(memory_mib=512, timeout_s=20)
    authorizer: Size = Size(memory_mib=1024, timeout_s=10)
    mlflow_hook: Size = Size(memory_mib=512, timeout_s=20)
    operations: Size = Size(memory_mib=512, timeout_s=28)
    reconcile: Size = Size(memory_mib=1024, timeout_s=900)
    task: Size = Size(memory_mib=512, timeout_s=60)
    registry_task: Size = Size(memory_mib=1024, timeout_s=120)
    verifying_task: Size = Size(memory_mib=512, timeout_s=300)
    packaging_task: Size = Size(memory_mib=2048, timeout_s=900, storage_mib=4096)

    authorizer_variables: Mapping[str, str] = field(default_factory=dict)
    provision_variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def retire_after_s(self) -> int:
        """Once a new version is live, how long the old one's endpoint stands.

        The longest that anybody still uses it, and then the time for going back to it.
        """
        last_use_s = self.lookup_max_age_s + self.prediction_deadline_s + self.retire_margin_s
        return last_use_s + self.rollback_window_s


PRODUCTION = Environment(
    name="production",
    # The oldest glibc that every wheel of the locks (hf-xet) and Amazon Linux 2023 agree on.
    python_platform="aarch64-manylinux_2_28",
    keep_data=True,
    log_retention=logs.RetentionDays.THREE_MONTHS,
    mlflow_tracking_uri="https://registry.hokus.ai/api/mlflow",
    huggingface_namespace="hokusai",
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
    # MiniStack takes a source address for absent and would answer 401 to everybody.
    authorizer_identity_sources=("method.request.header.Authorization",),
    # MiniStack inflates nothing, and ruins what it takes for text.
    binary_media_types=("application/json",),
    lookup_max_age_s=1,
    prediction_deadline_s=10,
    endpoint_deadline_s=300,
    retire_margin_s=1,
    rollback_window_s=0,
    # Long enough for a person, or a test, to see what happens without it.
    reconcile_every_min=60,
    # The stand-in's containers are processes of this machine.
    provision_variables={"CONTAINER_PYTHONS": f"{version_info.major}.{version_info.minor}"},
    poll_interval_s=1,
    deletion_poll_s=1,
    retry_interval_s=1,
    # MiniStack knows no longest delay: it goes on doubling.
    retries=3,
    cleaning_retries=5,
)
ENVIRONMENTS = {environment.name: environment for environment in (PRODUCTION, LOCAL)}


def chosen(context: Callable[[str], str | None]) -> Environment:
    """The environment that *context* (a value by name, or None) asks for; production by default.

    Raises: UnknownEnvironmentError.
    """
    name = context("env") or PRODUCTION.name
    if name not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        raise UnknownEnvironmentError(f"There is no environment {name!r}; there are: {known}.")
    given: dict[str, Any] = {field_: value for field_ in FROM_CONTEXT if (value := context(field_))}
    if origins := given.get("cors_origins"):
        given["cors_origins"] = tuple(origins.split())
    return replace(ENVIRONMENTS[name], **given)

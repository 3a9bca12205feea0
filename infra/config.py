"""The settings of an environment; `infra.environments` lists the environments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from infra.agreement import ComparisonSettings
from infra.function_size import Size
from infra.monthly_budget import BudgetSettings
from infra.rollback import RollbackSettings
from infra.schedules import ScheduleSettings

_SERVICE = "HokusModelServing"


@dataclass(frozen=True, kw_only=True)
class Environment(ComparisonSettings, BudgetSettings, RollbackSettings, ScheduleSettings):
    """Settings of one environment: all that has a name is named after it, so that several can live
    in one account and region.

    Attributes:
        name: `production` names nothing: its stack and table have the bare names.
        python_platform: Platform of the bundles, as uv names it; None: this machine.
        keep_data: Table and secrets outlive the stack, which is protected from deletion.
        huggingface_url: Replaces both the control API and the Hub; None: the public ones.
        auth_url: None: the default of `AuthorizerSettings`.
        artifact_bucket: Bucket of MLflow's artifacts, if MLflow sends clients there; tasks read it.
        artifact_key_arn: Key of KMS that the bucket is encrypted with; None: S3's own.
        domain_name: The only name that the API has then; needs `certificate_arn`. None: AWS's name.
        hosted_zone_id: Zone of Route 53 for the domain's records; None: the outputs have them.
        api_origin: Address of the stage with the placeholders `{api_id}` and `{region}`; unused
            with a domain name.
        deploy_alias: Only the version that this alias names is deployed; empty: the newest one.
        alarm_email: Receives the alarms; None: subscribe to the topic by hand.
        metrics_per_model: Whether each model has metrics of its own (docs/costs.md has the price).
        has_metric_math: CloudWatch has metric math, alarms on alarms, objectives, saved queries.
        requests_per_second, burst: Limits of each method, not of all together; above them, as far
            as API Gateway keeps count, it answers 429.
            Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
        open_requests_per_second, open_burst: The same of each method that needs no key.
        key_requests_per_minute: Requests of one API key, above which it gets 429; 0: no limit.
        existing_service_url: Service that had the host name before; everything that this API has no
            route for goes on to it. None: it is 404, and a wrong method 405.
        existing_service_requests_per_second, existing_service_burst: Limits of what goes on to it.
        cors_origins: Origins of web pages that may call the API from a browser; `*`: every page.
        authorizer_cache_s: Seconds for which a revoked key may go on working.
        authorizer_identity_sources: Key of the authorizer's cache; without one of them it is 401.
        lookup_max_age_s, prediction_deadline_s: Settings of predict; `retire_after_s` follows.
        endpoint_deadline_s: Seconds from creation to running and healthy.
        traced_share: Share of the API's calls that X-Ray traces; 0: as X-Ray's own rule has it.
        predict_rollout: How callers of predict get to a new version, one of `infra.rollouts`.
        snap_start: Whether functions that somebody waits for start from a snapshot: `on` or `off`.
        retry_interval_s: Seconds before a workflow task's first retry; later delays double.
        cleaning_retries: Retries of the tasks that delete endpoints.
        sizes: By a function's name; others have the size of the table `infra.functions`.
        reserved_concurrency: Executions at once that are kept for a function, and the most it may
            have, by its name; others share what the account has left, at least 100.
            Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
        variables: Further environment variables by the functions' folder; a setting that is absent
            has the default of its settings model.
    """

    name: str
    python_platform: str | None
    keep_data: bool
    log_retention: logs.RetentionDays
    mlflow_tracking_uri: str
    huggingface_namespace: str
    huggingface_url: str | None = None
    auth_url: str | None = None
    artifact_bucket: str | None = None
    artifact_key_arn: str | None = None
    domain_name: str | None = None
    certificate_arn: str | None = None
    hosted_zone_id: str | None = None
    api_origin: str = "https://{api_id}.execute-api.{region}.amazonaws.com/live"
    deploy_alias: str = ""
    alarm_email: str | None = None
    metrics_per_model: bool = False
    has_metric_math: bool = True
    requests_per_second: int = 100
    burst: int = 200
    open_requests_per_second: int = 10
    open_burst: int = 20
    key_requests_per_minute: int = 0
    existing_service_url: str | None = None
    existing_service_requests_per_second: int = 500
    existing_service_burst: int = 1000
    cors_origins: tuple[str, ...] = ()
    authorizer_cache_s: int = 60
    authorizer_identity_sources: tuple[str, ...] = (
        "method.request.header.Authorization",
        "context.identity.sourceIp",
    )
    lookup_max_age_s: int = 5
    prediction_deadline_s: int = 25
    endpoint_deadline_s: int = 900
    retire_margin_s: int = 10
    traced_share: float = 0.05
    predict_rollout: str = "Canary10Percent5Minutes"
    snap_start: str = "on"
    deletion_poll_s: int = 10
    retry_interval_s: int = 2
    retries: int = 4
    cleaning_retries: int = 10
    sizes: Mapping[str, Size] = field(default_factory=dict)
    reserved_concurrency: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def stack_name(self) -> str:
        """Name of the stack, its API and its workflow; all other names begin with it."""
        return f"{_SERVICE}{self._suffix('-')}"

    @property
    def table_name(self) -> str:
        """Name of the table of deployments, which people and other services know it by."""
        return f"deployed_models{self._suffix('_')}"

    def installation(self, account: str, region: str) -> str:
        """Return what marks this stack's endpoints in an organisation that several stacks use."""
        return f"{account}-{region}{self._suffix('-')}"

    def _suffix(self, separator: str) -> str:
        return "" if self.name == "production" else f"{separator}{self.name}"

    @property
    def removal_policy(self) -> RemovalPolicy:
        """Policy of the table of deployments and of the secrets.

        What a failed creation of the stack has made is deleted: it is empty, and its name would be
        taken when the creation is tried again. For the same reason the table has no deletion
        protection of its own.
        Source: https://github.com/aws/aws-cdk/issues/26570
        """
        keep = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        return keep if self.keep_data else RemovalPolicy.DESTROY

    @property
    def retire_after_s(self) -> int:
        """Seconds from a version's activation to the deletion of the endpoint it replaced."""
        return self.last_use_s + self.rollback_window_s

    @property
    def last_use_s(self) -> int:
        """Seconds after which no call uses an endpoint any more that does not serve."""
        return self.lookup_max_age_s + self.prediction_deadline_s + self.retire_margin_s

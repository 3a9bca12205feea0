"""Settings of the workflow's tasks and of the reconciler."""

from typing import Annotated

from msgspec import Meta

from functions.common.answers.flat_answer import TOLERANCE, AnswerTolerance
from functions.common.deployments.policy import BreakingChanges
from functions.common.ledger.budget_use import (
    BudgetAction,
    BudgetActionName,
    MonthlyBudgetUsd,
)
from functions.common.settings import (
    ROLLBACK_WINDOW_S,
    AutomaticRollback,
    InstallationSettings,
    RollbackWindowS,
    Settings,
    StateTableName,
)
from functions.provision.agreement_settings import AgreementSettings

_ModelHourlyCost = Annotated[
    float,
    Meta(
        gt=0, description="Dollars an hour, with all replicas, that one model's tags may ask for."
    ),
]
_MODEL_HOURLY_COST_USD = 1


class ModelCostSettings(Settings, frozen=True, kw_only=True):
    """The ceiling on one model."""

    max_model_hourly_cost_usd: _ModelHourlyCost = _MODEL_HOURLY_COST_USD


class ProvisionSettings(AgreementSettings, frozen=True, kw_only=True):
    """Settings of the workflow's tasks."""

    max_model_hourly_cost_usd: _ModelHourlyCost = _MODEL_HOURLY_COST_USD
    breaking_changes: Annotated[
        BreakingChanges,
        Meta(
            description="Versions that would break callers of the live one: `refused` or `allowed`."
        ),
    ] = BreakingChanges.REFUSED
    endpoint_deadline_s: Annotated[
        float,
        Meta(
            gt=0,
            le=86_400,
            description="Seconds that an endpoint may take from its creation to its first health.",
        ),
    ] = 900
    verify_timeout_s: Annotated[
        float, Meta(gt=0, le=600, description="Seconds that each verifying prediction may take.")
    ] = 25
    verify_times: Annotated[
        int,
        Meta(ge=1, le=100, description="Timed predictions of a verification, after a first one."),
    ] = 5
    verify_max_latency_s: Annotated[
        float, Meta(gt=0, le=600, description="Seconds that the median of them may take.")
    ] = 2
    answer_tolerance: AnswerTolerance = TOLERANCE
    max_endpoints: Annotated[
        int, Meta(ge=1, description="Endpoints at once, those being replaced among them.")
    ] = 50
    max_hourly_cost_usd: Annotated[
        float, Meta(gt=0, description="Dollars an hour for all endpoints with all replicas.")
    ] = 10
    monthly_budget_usd: MonthlyBudgetUsd = 0
    automatic_rollback: AutomaticRollback = True
    rollback_window_s: RollbackWindowS = ROLLBACK_WINDOW_S
    rollback_fault_share: Annotated[
        float,
        Meta(ge=0, le=1, description="Share of calls above which a new version is taken back."),
    ] = 0.02
    rollback_min_calls: Annotated[
        int, Meta(ge=1, description="Calls of a new version before that share counts.")
    ] = 20
    rollback_poll_s: Annotated[
        float, Meta(ge=1, le=60, description="Seconds between two looks at a new version.")
    ] = 15


class RegistrySettings(Settings, frozen=True, kw_only=True):
    """Settings of what reads from MLflow."""

    mlflow_tracking_uri: Annotated[str, Meta(description="Address of the MLflow server.")]
    artifact_bucket: Annotated[
        str, Meta(description="S3 bucket whose files MLflow may name; empty: none is read.")
    ] = ""
    mlflow_credentials_secret: Annotated[
        str,
        Meta(
            description="Name of the secret that holds `{}`, `{username, password}` or `{token}`."
        ),
    ]


class ReconcileSettings(ProvisionSettings, frozen=True, kw_only=True):
    """Settings of the reconciler."""

    state_table_name: StateTableName
    api_url: Annotated[str, Meta(description="Base of the API, ends in `/api/v1`.")]
    state_machine_arn: Annotated[str, Meta(description="The workflow that provisions.")]
    event_bus: Annotated[str, Meta(description="Name of the bus for events.")]
    environment: Annotated[str, Meta(description="Name of the environment, for events.")] = ""
    retire_after_s: Annotated[
        float, Meta(gt=0, description="Seconds that a stopped deployment's endpoint is kept.")
    ]
    budget_action: BudgetActionName = BudgetAction.SLEEP
    records_kept_days: Annotated[
        float, Meta(ge=1, description="Days that records of ended deployments are kept.")
    ] = 90


class WebhookSettings(InstallationSettings, frozen=True, kw_only=True):
    """Settings of the webhook in MLflow."""

    api_url: Annotated[str, Meta(description="Base of the API, ends in `/api/v1`.")]
    webhook_secret: Annotated[str, Meta(description="Name of the secret that signs deliveries.")]
    manage_webhook: Annotated[
        bool, Meta(description="Whether the reconciler keeps the webhook in MLflow, or people do.")
    ] = True

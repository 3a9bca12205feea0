"""Resources that several functions use, and the values of the environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.bundling import Bundles
from infra.config import Environment
from infra.constructs.service_events import ServiceEvents
from infra.constructs.service_secrets import ServiceSecrets
from infra.constructs.tables import DeploymentsTable, ServingStateTable
from infra.constructs.workflow_name import WorkflowName
from infra.function_spec import HUB_CLIENT, LARGE_BODIES, MLFLOW_CLIENT, FunctionSpec


@dataclass(frozen=True, kw_only=True)
class SharedResources:
    """Resources that several functions use.

    Attributes:
        installation: Distinguishes this stack from others that use the same organisation.
        api_url: Base of the API, without a slash at the end.
    """

    environment: Environment
    bundles: Bundles
    table: DeploymentsTable
    state: ServingStateTable
    secrets: ServiceSecrets
    workflow: WorkflowName
    events: ServiceEvents
    installation: str
    api_url: str

    def variables(self, spec: FunctionSpec) -> Mapping[str, str]:
        """Return the environment variables that *spec* lists.

        One that has no value here is left out: its default is in the function's settings model,
        which is the only place for it.
        """
        known = {**self._values(), "HUGGINGFACE_TOKEN_SECRET": self._token_secret(spec)}
        values = {name: known[name] for name in spec.variables}
        return {
            **{name: value for name, value in values.items() if value},
            **self.environment.variables.get(spec.bundle.folder, {}),
        }

    def _token_secret(self, spec: FunctionSpec) -> str:
        """Return the ARN of Hugging Face's token for *spec*."""
        calls = "huggingface_calling_token" in spec.secrets
        return self.secrets.arn("huggingface_calling_token" if calls else "huggingface_token")

    def _values(self) -> Mapping[str, str | None]:
        environment, secrets = self.environment, self.secrets
        provider_url = environment.huggingface_url
        return {
            "API_URL": self.api_url,
            "ARTIFACT_BUCKET": environment.artifact_bucket,
            "AUTH_URL": environment.auth_url,
            "AUTOMATIC_ROLLBACK": str(environment.automatic_rollback).lower(),
            "BUDGET_ACTION": environment.budget_action,
            "CORS_ORIGINS": " ".join(environment.cors_origins),
            "DEPLOY_ALIAS": environment.deploy_alias,
            "ENDPOINT_DEADLINE_S": str(environment.endpoint_deadline_s),
            "ENDPOINT_DOMAIN": urlsplit(provider_url).hostname if provider_url else None,
            "HUGGINGFACE_API_URL": provider_url,
            "HUGGINGFACE_HUB_URL": provider_url,
            "HUGGINGFACE_NAMESPACE": environment.huggingface_namespace,
            "INSTALLATION": self.installation,
            "LOOKUP_MAX_AGE_S": str(environment.lookup_max_age_s),
            "METRICS_PER_MODEL": str(environment.metrics_per_model).lower(),
            "MLFLOW_CREDENTIALS_SECRET": secrets.arn("mlflow_credentials"),
            "MLFLOW_TRACKING_URI": environment.mlflow_tracking_uri,
            "MONTHLY_BUDGET_USD": f"{environment.monthly_budget_usd:g}",
            "PREDICTION_DEADLINE_S": str(environment.prediction_deadline_s),
            "RETIRE_AFTER_S": str(environment.retire_after_s),
            "ROLLBACK_FAULT_SHARE": f"{environment.rollback_fault_share:g}",
            "ROLLBACK_MIN_CALLS": str(environment.rollback_min_calls),
            "ROLLBACK_POLL_S": str(environment.rollback_poll_s),
            "ROLLBACK_WINDOW_S": str(environment.rollback_window_s),
            "UPTIME_API_KEY_SECRET": secrets.arn("uptime_api_key"),
            "WEBHOOK_SECRET": secrets.arn("webhook"),
            **environment.agreement_variables(),
            **MLFLOW_CLIENT,
            **HUB_CLIENT,
            **LARGE_BODIES,
        }

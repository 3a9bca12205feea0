"""The functions' environment variables: a settings field's name in capitals, and its value.

A field that is absent here has the default of its settings model, which is the only place for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.config import Environment
from infra.constructs.service_secrets import ServiceSecrets

MLFLOW_CLIENT = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Its own defaults wait for minutes; Step Functions does the retrying.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}
HUB_CLIENT = {
    # The only place that a function can write to.
    "HF_HOME": "/tmp/hf",  # noqa: S108 - a Lambda function shares /tmp with nobody
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
}
_READS_REGISTRY = {"validate", "package"}


@dataclass(frozen=True, kw_only=True)
class Variables:
    """What each function is told.

    Attributes:
        installation: Tells this stack from others that use the same organisation.
        api_url: Base of the API, without a slash at the end.
    """

    environment: Environment
    secrets: ServiceSecrets
    installation: str
    api_url: str

    def of_predict(self, *, reconcile: str) -> Mapping[str, str]:
        """*reconcile* is a function's name."""
        return {
            **self._huggingface(),
            **self._cors(),
            "RECONCILE_FUNCTION": reconcile,
            "LOOKUP_MAX_AGE_S": str(self.environment.lookup_max_age_s),
            "PREDICTION_DEADLINE_S": str(self.environment.prediction_deadline_s),
        }

    def of_describe(self) -> Mapping[str, str]:
        return {**self._cors(), "API_URL": self.api_url}

    def of_authorizer(self) -> Mapping[str, str]:
        url = self.environment.auth_url
        return {**({"AUTH_URL": url} if url else {}), **self.environment.authorizer_variables}

    def of_mlflow_hook(self, *, state_machine: str, reconcile: str) -> Mapping[str, str]:
        return {
            **self._requesting(state_machine=state_machine, reconcile=reconcile),
            **self._deploy_policy(),
            "WEBHOOK_SECRET": self.secrets.webhook.secret_arn,
        }

    def of_operations(self, *, state_machine: str, reconcile: str) -> Mapping[str, str]:
        """*state_machine* is an ARN, *reconcile* a function's name."""
        return {
            **self._requesting(state_machine=state_machine, reconcile=reconcile),
            **self._cors(),
        }

    def _requesting(self, *, state_machine: str, reconcile: str) -> Mapping[str, str]:
        return {
            "INSTALLATION": self.installation,
            "STATE_MACHINE_ARN": state_machine,
            "RECONCILE_FUNCTION": reconcile,
        }

    def of_reconcile(self, *, state_machine: str) -> Mapping[str, str]:
        return {
            **self._provision(),
            **self._registry(),
            **self._deploy_policy(),
            "STATE_MACHINE_ARN": state_machine,
            "API_URL": self.api_url,
            "RETIRE_AFTER_S": str(self.environment.retire_after_s),
            **self.environment.provision_variables,
        }

    def of_task(self, task: str) -> Mapping[str, str]:
        return {
            **self._provision(),
            **(self._registry() if task in _READS_REGISTRY else {}),
            **(self._deploy_policy() if task == "validate" else {}),
            **(HUB_CLIENT if task == "package" else {}),
            **self.environment.provision_variables,
        }

    def _provision(self) -> Mapping[str, str]:
        return {
            **self._huggingface(),
            "INSTALLATION": self.installation,
            "ENDPOINT_DEADLINE_S": str(self.environment.endpoint_deadline_s),
        }

    def _huggingface(self) -> Mapping[str, str]:
        given = {
            "HUGGINGFACE_NAMESPACE": self.environment.huggingface_namespace,
            "HUGGINGFACE_TOKEN_SECRET": self.secrets.huggingface_token.secret_arn,
        }
        if (url := self.environment.huggingface_url) is None:
            return given
        return given | {
            "HUGGINGFACE_API_URL": url,
            "HUGGINGFACE_HUB_URL": url,
            "ENDPOINT_DOMAIN": urlsplit(url).hostname or "",
        }

    def _registry(self) -> Mapping[str, str]:
        return MLFLOW_CLIENT | {
            "MLFLOW_TRACKING_URI": self.environment.mlflow_tracking_uri,
            "MLFLOW_CREDENTIALS_SECRET": self.secrets.mlflow_credentials.secret_arn,
        }

    def _cors(self) -> Mapping[str, str]:
        origins = self.environment.cors_origins
        return {"CORS_ORIGINS": " ".join(origins)} if origins else {}

    def _deploy_policy(self) -> Mapping[str, str]:
        alias = self.environment.deploy_alias
        return {"DEPLOY_ALIAS": alias} if alias else {}

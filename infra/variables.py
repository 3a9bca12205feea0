"""The functions' environment variables: a settings field's name in capitals, and its value.

A field that is absent here has the default of its settings model, which is the only place for it.
"""

from collections.abc import Mapping
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


def for_predict(environment: Environment, secrets: ServiceSecrets) -> Mapping[str, str]:
    return {
        **_huggingface(environment, secrets),
        "LOOKUP_MAX_AGE_S": str(environment.lookup_max_age_s),
        "PREDICTION_DEADLINE_S": str(environment.prediction_deadline_s),
    }


def for_authorizer(environment: Environment) -> Mapping[str, str]:
    given = {"AUTH_URL": environment.auth_url} if environment.auth_url else {}
    return {**given, **environment.authorizer_variables}


def for_task(task: str, environment: Environment, secrets: ServiceSecrets) -> Mapping[str, str]:
    return {
        **_huggingface(environment, secrets),
        "ENDPOINT_DEADLINE_S": str(environment.endpoint_deadline_s),
        **(_registry(environment, secrets) if task in {"validate", "package"} else {}),
        **(HUB_CLIENT if task == "package" else {}),
        **environment.provision_variables,
    }


def _huggingface(environment: Environment, secrets: ServiceSecrets) -> Mapping[str, str]:
    given = {
        "HUGGINGFACE_NAMESPACE": environment.huggingface_namespace,
        "HUGGINGFACE_TOKEN_SECRET": secrets.huggingface_token.secret_arn,
    }
    if (url := environment.huggingface_url) is None:
        return given
    return given | {
        "HUGGINGFACE_API_URL": url,
        "HUGGINGFACE_HUB_URL": url,
        "ENDPOINT_DOMAIN": urlsplit(url).hostname or "",
    }


def _registry(environment: Environment, secrets: ServiceSecrets) -> Mapping[str, str]:
    return MLFLOW_CLIENT | {
        "MLFLOW_TRACKING_URI": environment.mlflow_tracking_uri,
        "MLFLOW_CREDENTIALS_SECRET": secrets.mlflow_credentials.secret_arn,
    }

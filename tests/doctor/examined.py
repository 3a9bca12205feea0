"""An installation to look at: AWS by moto, everything else by functions that answer."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import httpx

from doctor.findings import Check, Finding, found_by
from doctor.live_installation import SECRETS, LiveInstallation
from infra import huggingface_permissions
from infra.installation import Installation

MANAGING, CALLING = "HuggingFaceTokenSecret", "HuggingFaceCallingTokenSecret"
TOKENS = {
    "hf_managing": huggingface_permissions.MANAGING,
    "hf_calling": huggingface_permissions.CALLING,
}
VALUES = {
    "HuggingFaceTokenSecret": "hf_managing",
    "HuggingFaceCallingTokenSecret": "hf_calling",
    "MlflowCredentialsSecret": "{}",
    "UptimeApiKeySecret": f"hk_live_{'0' * 32}",
    "WebhookSecret": "generated",
}
VARIABLES = {
    "TABLE_NAME": "deployed_models",
    "INSTALLATION": "123-us-east-1",
    "API_URL": "https://api.test/api/v1",
    "WEBHOOK_SECRET": "webhook",
    "HUGGINGFACE_NAMESPACE": "hokusai",
    "HUGGINGFACE_TOKEN_SECRET": "token",
    "MLFLOW_TRACKING_URI": "https://mlflow.test",
    "MLFLOW_CREDENTIALS_SECRET": "mlflow",
}

type Answer = Callable[[httpx.Request], httpx.Response]


class Functions:
    """Lambda, whose reconciler answers with *report*."""

    def __init__(self) -> None:
        self.report: dict[str, Any] = {"models": 3, "changes": [], "failed": 0}
        self.broken = False

    def get_function_configuration(self, **_: Any) -> Mapping[str, Any]:
        return {"LoggingConfig": {"LogGroup": "reconcile"}}

    def invoke(self, **_: Any) -> Mapping[str, Any]:
        error = {"FunctionError": "Unhandled"} if self.broken else {}
        return {"Payload": io.BytesIO(json.dumps(self.report).encode()), **error}


class Examined:
    """The installation, sound at first; change it and look at it again."""

    def __init__(self) -> None:
        self.functions = Functions()
        self.variables: dict[str, str] = dict(VARIABLES)
        self.status = "UPDATE_COMPLETE"
        self.name = "production"
        self.outputs = {output: output for output in SECRETS} | {
            "ApiUrl": "https://api.test/api/v1",
            "ReconcileFunction": "reconcile",
            "AuthorizerFunction": "authorizer",
        }
        self.answer: Answer = sound
        secrets = boto3.client("secretsmanager")
        for output, value in VALUES.items():
            secrets.create_secret(Name=output, SecretString=value)

    def put(self, output: str, value: str) -> None:
        boto3.client("secretsmanager").put_secret_value(SecretId=output, SecretString=value)

    def live(self) -> LiveInstallation:
        functions, variables = self.functions, self.variables

        class Deployed(Installation):
            """An installation whose Lambda functions are made up."""

            def client(self, service: Any) -> Any:
                return functions if service == "lambda" else boto3.client(service)

            def variables(self, _function_output: str) -> Mapping[str, str]:
                return variables

        deployed = Deployed(
            name=self.name,
            stack_name="HokusModelServing",
            status=self.status,
            outputs=self.outputs,
        )
        client = httpx.Client(transport=httpx.MockTransport(self._respond))
        return LiveInstallation(deployed, http=client)

    def look(self, check: Check) -> list[Finding]:
        return list(found_by(check, "it", self.live()))

    def _respond(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request)


def sound(request: httpx.Request) -> httpx.Response:
    """Answer for the API, the auth service, Hugging Face and MLflow as all is well."""
    if request.url.path == "/api/whoami-v2":
        return httpx.Response(200, json=identity(request))
    if request.url.path == "/api/v1/keys/validate":
        return httpx.Response(401, json={"detail": "Invalid or expired API key"})
    if request.url.path == "/version":
        return httpx.Response(200, text="3.17.2")
    return httpx.Response(200, json={"status": "ok", "version": "1", "items": []})


def identity(request: httpx.Request, **changes: Any) -> dict[str, Any]:
    """Return whoami of a member of `hokusai` whose token has exactly what it needs.

    Source of the form: `GET /api/whoami-v2`.
    """
    token = request.headers["Authorization"].removeprefix("Bearer ")
    scope = {"entity": {"type": "org", "name": "hokusai"}, "permissions": [*TOKENS[token]]}
    return {
        "type": "user",
        "name": "alice",
        "canPay": False,
        "orgs": [{"type": "org", "name": "hokusai", "canPay": True}],
        "auth": {
            "type": "access_token",
            "accessToken": {
                "displayName": "t",
                "role": "fineGrained",
                "fineGrained": {"canReadGatedRepos": False, "global": [], "scoped": [scope]},
            },
        },
        **changes,
    }


def levels(findings: list[Finding]) -> dict[str, str]:
    """Return each finding's level by its subject."""
    return {each.subject: each.level.value for each in findings}


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding

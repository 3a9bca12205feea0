"""The service's own credentials: tokens of Hugging Face with no more permissions than each needs,
a user of MLflow, and the key of the uptime checks."""

import json
import secrets
from collections.abc import Mapping

import httpx

from infra.huggingface_permissions import CALLING, MANAGING
from infra.local.parts import NAMESPACE

PERMISSIONS = {
    "HuggingFaceTokenSecret": MANAGING,
    "HuggingFaceCallingTokenSecret": CALLING,
}
"""By the stack's output."""


def new_tokens() -> dict[str, str]:
    """Return new tokens by the stack's output."""
    return {output: f"hf_{secrets.token_hex(16)}" for output in PERMISSIONS}


def new_password() -> str:
    """Return a password for MLflow."""
    return secrets.token_hex(16)


def other_secrets(password: str, checks_key: str) -> dict[str, str]:
    """Return MLflow's credentials and the key of the uptime checks by the stack's output.

    MLflow here asks for no credentials, and gets them with every request all the same, as on AWS.
    """
    return {
        "MlflowCredentialsSecret": json.dumps({"username": "hokus", "password": password}),
        "UptimeApiKeySecret": checks_key,
    }


def accept_tokens(huggingface_url: str, tokens: Mapping[str, str]) -> None:
    """Have the stand-in accept *tokens*, which are by the stack's output."""
    for output, token in tokens.items():
        body = {"token": token, "name": NAMESPACE, "permissions": PERMISSIONS[output]}
        httpx.post(f"{huggingface_url}/_standin/tokens", json=body).raise_for_status()

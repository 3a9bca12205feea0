"""The service's own tokens of Hugging Face, each with its permissions and no more."""

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


def accept_tokens(huggingface_url: str, tokens: Mapping[str, str]) -> None:
    """Have the stand-in accept *tokens*, which are by the stack's output."""
    for output, token in tokens.items():
        body = {"token": token, "name": NAMESPACE, "permissions": PERMISSIONS[output]}
        httpx.post(f"{huggingface_url}/_standin/tokens", json=body).raise_for_status()

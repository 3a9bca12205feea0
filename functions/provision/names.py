"""Names that are derived, so that a task which runs twice means the same thing twice."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_PREFIX = "hokus"
_MAX_CHARACTERS = 32
"""Longest endpoint name. Source: https://api.endpoints.huggingface.cloud (create an endpoint)."""
_HASH_CHARACTERS = 8
_DEPLOYMENT_TAG = "hokus-deployment-"


def endpoint_name(model_id: str, deployment_id: str) -> str:
    """Return the name of a deployment's endpoint and repository: `hokus-sales-lead-1f0c9a3e`.

    Lower-case letters, digits and single inner hyphens, at most 32 characters: valid for
    Inference Endpoints and for the Hub. The digits at its end distinguish deployments.
    """
    digest = hashlib.sha256(f"{model_id}\n{deployment_id}".encode()).hexdigest()[:_HASH_CHARACTERS]
    room = _MAX_CHARACTERS - len(f"{_PREFIX}--{digest}")
    return f"{_PREFIX}-{_slug(model_id)[:room].strip('-')}-{digest}"


def tags(deployment_id: str, *, installation: str) -> tuple[str, ...]:
    """Return the tags that mark an endpoint as ours and as this deployment's."""
    return ("hokus", installation_tag(installation), deployment_tag(deployment_id))


def installation_tag(installation: str) -> str:
    """Return the tag of every endpoint of this installation, and of no other."""
    return f"hokus-installation-{hashlib.sha256(installation.encode()).hexdigest()[:12]}"


def deployment_tag(deployment_id: str) -> str:
    """Return the deployment's tag, without commas, which separate tags in queries."""
    return f"{_DEPLOYMENT_TAG}{deployment_id}"


def tagged_deployment(tags: Iterable[str]) -> str | None:
    """The id of the deployment that an endpoint with *tags* was made for."""
    found = [tag for tag in tags if tag.startswith(_DEPLOYMENT_TAG)]
    return found[0].removeprefix(_DEPLOYMENT_TAG) if found else None


def _slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-") or "model"

"""Ids of deployments."""

import re
from datetime import datetime
from uuid import UUID, uuid5

from functions.common.deployments.record import utc_text

REQUEST_NAMESPACE = UUID("6f6d1ce2-6f1a-4c7c-9a53-5c1d3f9c7b11")
"""Random, chosen once: ids of deployments are derived from requests within it."""


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def is_id(text: str) -> bool:
    """Return whether *text* has the form of an id."""
    return bool(_ID.fullmatch(text))


def deployment_id(
    model_id: str,
    model_version: str,
    requested_at: datetime,
    *,
    attempt: int = 1,
    installation: str = "",
) -> str:
    """Return the id of a request's deployment; the same request gives the same id.

    Installations that receive the same registration share no id, and so no endpoint's name.
    """
    request = f"{model_id}\n{model_version}\n{utc_text(requested_at)}\n{attempt}\n{installation}"
    return str(uuid5(REQUEST_NAMESPACE, request))

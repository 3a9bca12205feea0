"""What the functions read from a request beside its body: its id, its origin, how it was let in."""

import re
from collections.abc import Mapping
from typing import Any

from functions.common.errors import UnauthorizedError

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def header(event: Mapping[str, Any], name: str) -> str | None:
    """The header *name* (in small letters) of a proxy event."""
    headers = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), None)


def request_id(event: Mapping[str, Any]) -> str:
    """The caller's own `X-Request-Id` if it can be written anywhere, else API Gateway's."""
    requested = header(event, "x-request-id") or ""
    return requested if _SANE_ID.fullmatch(requested) else gateway_request_id(event)


def gateway_request_id(event: Mapping[str, Any]) -> str:
    """Under which API Gateway knows the request."""
    return (event.get("requestContext") or {}).get("requestId") or ""


def authorizer_context(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the authorizer found out about the caller; it let this request in.

    What it found is kept by key, so a request that it would have refused for holding two keys can
    come this far on the strength of one.

    Raises: UnauthorizedError (no authorizer stood before this route, or there are two keys).
    """
    found: Mapping[str, Any] = (event.get("requestContext") or {}).get("authorizer") or {}
    if not found or len(authorization_headers(event)) > 1:
        raise UnauthorizedError("Send one valid API key: `Authorization: Bearer <key>`.")
    return found


def authorization_headers(event: Mapping[str, Any]) -> list[str]:
    """Every `Authorization` there is; API Gateway's single-value headers keep the last one only."""
    several = event.get("multiValueHeaders") or {}
    found = [each for name, values in several.items() if _is_it(name) for each in values]
    single = event.get("headers") or {}
    return found or [value for name, value in single.items() if _is_it(name)]


def auth_ms(event: Mapping[str, Any]) -> float:
    """Milliseconds that the authorizer took for this request.

    0 where API Gateway had its answer already, or where it is not asked.
    """
    context = event.get("requestContext") or {}
    found = context.get("authorizer") or {}
    try:
        is_of_this = float(found["authorized_at_ms"]) >= float(context["requestTimeEpoch"])
        return float(found["auth_ms"]) if is_of_this else 0.0
    except (KeyError, TypeError, ValueError):
        return 0.0


def _is_it(name: str) -> bool:
    return name.lower() == "authorization"

"""Headers that let web pages read the answers; none, unless an environment names their origins.

API Gateway answers the preflight itself, so this is about the other answers' headers only.
"""

from functools import cache

from functions.common.settings import CorsSettings

ANY = "*"
EXPOSED_HEADERS = (
    "Allow",
    "Idempotency-Replayed",
    "Preference-Applied",
    "Retry-After",
    "Server-Timing",
    "X-Request-Id",
)
"""Headers that a page may read beside those that it always may."""


@cache
def allowed_origins() -> frozenset[str]:
    """Return the origins of this environment; read at the first request."""
    return frozenset(CorsSettings.from_env().cors_origins.split())


def headers(origin: str | None, allowed: frozenset[str]) -> dict[str, str]:
    """Return the headers of an answer to a page of *origin*.

    No page is ever let use the browser's own credentials: a key is sent by whoever knows it.
    """
    if not allowed:
        return {}
    if origin is None or not allowed & {origin, ANY}:
        return {} if ANY in allowed else {"Vary": "Origin"}
    shared = {"Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)}
    if ANY in allowed:
        return {"Access-Control-Allow-Origin": ANY, **shared}
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin", **shared}

"""Which URLs can be the existing service's, the one behind the API (`existing_service_url`)."""

import re
from urllib.parse import urlsplit

from infra.config import Environment

_HOST = re.compile(r"[a-z0-9.-]+")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/-]*")
"""API Gateway would take braces and stage variables in a URL for parameters."""
_SCHEMES = {True: ("https",), False: ("http", "https")}


def fault_of(environment: Environment, *, secure: bool) -> str | None:
    """Return what is wrong with the setting; None: API Gateway can pass requests on to the URL.

    *secure*: Only https will do.
    """
    url = environment.existing_service_url
    fault = url and _fault_of_url(url, environment.domain_name or "", secure=secure)
    return f"existing_service_url={url} cannot be used. {fault}" if fault else None


def _fault_of_url(url: str, domain_name: str, *, secure: bool) -> str | None:
    if not url.isprintable() or " " in url:
        return "It holds a space or a control character."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "It is not a URL."
    host = (parts.hostname or "").rstrip(".")
    own = domain_name.lower().rstrip(".")
    faults = (
        (parts.scheme not in _SCHEMES[secure], f"It must begin with {_SCHEMES[secure][0]}://."),
        (not _HOST.fullmatch(host), "It names no host."),
        ("@" in parts.netloc, "It holds a user's name or password."),
        ("?" in url or "#" in url, "It has a query or a fragment, which are the callers' to send."),
        (not _PLAIN_PATH.fullmatch(parts.path), "Its path may hold letters, digits and . _ ~ - /."),
        (not _can_reach(port), "API Gateway reaches the ports 80, 443 and from 1024 on."),
        (host == own, "It is the API's own domain: requests would go round in a circle."),
    )
    return next((sentence for is_fault, sentence in faults if is_fault), None)


def _can_reach(port: int | None) -> bool:
    """Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html"""
    return port in {None, 80, 443} or (port or 0) >= 1024  # noqa: PLR2004 - see the source

"""Lambda entry of the authorizer: says who calls; the API's function decides what they may do.

API Gateway keeps the answer for 60 s and uses it for every route, so the policy covers the whole
stage. A refused key is `Unauthorized`, the only message that API Gateway turns into a 401; any
other exception becomes an authorizer failure, which the gateway response turns into 503.
"""

import time
from functools import cache
from typing import Any

from functions.authorizer.auth_service import AuthService, AuthServiceDownError, connect
from functions.authorizer.bearer import KeyRefusedError, bearer_key
from functions.authorizer.policy import allowed
from functions.authorizer.settings import AuthorizerSettings
from functions.common.failures import PublicError
from functions.common.observability import entry, make_logger
from functions.common.snapshot import primed
from functions.common.wide_event import WideEvent, recorded

logger = make_logger("authorizer")


class AuthorizerUnavailableError(PublicError):
    """The key could not be checked."""


class UnauthorizedKeyError(PublicError):
    """The key is refused: API Gateway reads the message, which must be `Unauthorized`."""


@cache
def auth_service() -> AuthService:
    """The composition root."""
    return connect(AuthorizerSettings.from_env())


@primed
def prime() -> None:
    """Put the function together."""
    auth_service()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a REQUEST authorizer's question."""
    with recorded("authorizer", refusals=(UnauthorizedKeyError,)) as wide_event:
        return _answer(event, wide_event)


def _answer(event: dict[str, Any], wide_event: WideEvent) -> dict[str, Any]:
    began, context = time.monotonic(), event["requestContext"]
    wide_event.note(gateway_request_id=context.get("requestId"))
    client_ip = context.get("identity", {}).get("sourceIp")
    try:
        owner = auth_service().owner_of(bearer_key(event), client_ip=client_ip)
    except KeyRefusedError as refused:
        wide_event.note(code="key_refused", reason=str(refused))
        raise UnauthorizedKeyError("Unauthorized") from None
    except AuthServiceDownError as down:
        wide_event.note(code="auth_service_failed", reason=str(down))
        raise AuthorizerUnavailableError("The key could not be checked.") from None
    wide_event.note(user=owner.user_id, key=owner.key_id)
    return allowed(
        owner,
        event["methodArn"],
        auth_ms=(time.monotonic() - began) * 1_000,
        authorized_at_ms=int(time.time() * 1_000),
    )

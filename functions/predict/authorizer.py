"""Lambda entry of the authorizer: says who calls; the API's function decides what they may do.

API Gateway keeps the answer for 60 s and uses it for every route, so the policy covers the whole
stage. A refused key is `Unauthorized`, the only message that API Gateway turns into a 401; any
other exception becomes an authorizer failure, which the gateway response turns into 503.
"""

from functools import cache
from typing import Any

from functions.common.observability import make_logger
from functions.predict.auth_service import (
    AuthServiceDownError,
    HttpAuthService,
    KeyOwner,
    KeyRefusedError,
    as_context,
)
from functions.predict.settings import AuthorizerSettings

logger = make_logger("authorizer")


class AuthorizerUnavailableError(Exception):
    """The key could not be checked."""


@cache
def auth_service() -> HttpAuthService:
    """The composition root."""
    settings = AuthorizerSettings.from_env()
    return HttpAuthService(
        url=settings.auth_url,
        service_id=settings.auth_service_id,
        timeout_s=settings.auth_timeout_s,
    )


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a REQUEST authorizer's question."""
    client_ip = event["requestContext"].get("identity", {}).get("sourceIp")
    try:
        owner = auth_service().owner_of(_bearer_key(event), client_ip=client_ip)
    except KeyRefusedError as refused:
        logger.info("key.refused", reason=str(refused))
        raise Exception("Unauthorized") from None  # noqa: TRY002 - API Gateway reads the message
    except AuthServiceDownError as down:
        logger.warning("auth_service.failed", reason=str(down))
        raise AuthorizerUnavailableError("The key could not be checked.") from None
    return _allowed(owner, event["methodArn"])


def _bearer_key(event: dict[str, Any]) -> str:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _allowed(owner: KeyOwner, method_arn: str) -> dict[str, Any]:
    api_and_stage = "/".join(method_arn.split("/")[:2])
    return {
        "principalId": owner.user_id or "unknown",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": f"{api_and_stage}/*",
                }
            ],
        },
        "context": as_context(owner),
    }

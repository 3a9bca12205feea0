"""Lambda entry of the authorizer: says who calls; the API's function decides what they may do.

API Gateway keeps the answer for 60 s and uses it for every route, so the policy covers the whole
stage. A refused key is `Unauthorized`, the only message that API Gateway turns into a 401; any
other exception becomes an authorizer failure, which the gateway response turns into 503.
"""

import time
from functools import cache
from typing import Any

import httpx

from functions.common.observability import make_logger
from functions.predict import aws_clients
from functions.predict.auth.bearer import KeyRefusedError, bearer_key
from functions.predict.auth.policy import allowed
from functions.predict.auth.service import AuthService, AuthServiceDownError, HttpAuthService
from functions.predict.auth.shared_validation import WAIT_S, SharedValidation
from functions.predict.settings import AuthorizerSettings
from functions.predict.single_flight.dynamodb_claims import DynamoClaims
from functions.predict.single_flight.flight import SingleFlight

LEASE_MARGIN_S = 2.0

logger = make_logger("authorizer")


class AuthorizerUnavailableError(Exception):
    """The key could not be checked."""


@cache
def auth_service() -> AuthService:
    """The composition root."""
    settings = AuthorizerSettings.from_env()
    service = HttpAuthService(
        url=settings.auth_url,
        service_id=settings.auth_service_id,
        client=httpx.Client(timeout=settings.auth_timeout_s),
    )
    flight = SingleFlight(
        DynamoClaims(aws_clients.shared_state(), settings.state_table_name),
        lease_s=settings.auth_timeout_s + LEASE_MARGIN_S,
        wait_s=WAIT_S,
    )
    return SharedValidation(service, flight, service_id=settings.auth_service_id)


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a REQUEST authorizer's question."""
    began = time.monotonic()
    client_ip = event["requestContext"].get("identity", {}).get("sourceIp")
    try:
        owner = auth_service().owner_of(bearer_key(event), client_ip=client_ip)
    except KeyRefusedError as refused:
        logger.info("key.refused", reason=str(refused))
        raise Exception("Unauthorized") from None  # noqa: TRY002 - API Gateway reads the message
    except AuthServiceDownError as down:
        logger.warning("auth_service.failed", reason=str(down))
        raise AuthorizerUnavailableError("The key could not be checked.") from None
    return allowed(
        owner,
        event["methodArn"],
        auth_ms=(time.monotonic() - began) * 1_000,
        authorized_at_ms=int(time.time() * 1_000),
    )

"""API Gateway's own error responses, in the form of all others (`functions.common.problem`).

Every type has a fixed status, so that the status in the body is the one that is sent.
"""

import json
from collections.abc import Mapping, Sequence

from aws_cdk import aws_apigateway as apigateway

from functions.common import problem
from functions.common.api.cors import EXPOSED_HEADERS
from functions.common.errors import (
    AuthUnavailableError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    PayloadTooLargeError,
    ProviderTimeoutError,
    RateLimitedError,
    ServiceError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)
from infra.constructs.key_limit import WINDOW_S

type _Answer = tuple[type[ServiceError] | ServiceError, str]

_BAD_KEY: _Answer = (UnauthorizedError, "Send a valid API key: `Authorization: Bearer <key>`.")
_NO_AUTH: _Answer = (AuthUnavailableError, "The API key could not be checked. Try again.")
_NO_ROUTE: _Answer = (NotFoundError, "There is nothing at this address for this method.")
_BAD_REQUEST: _Answer = (InvalidRequestError, "The request is not one that this route takes.")
_RATE: _Answer = (RateLimitedError, "Too many requests.")
# The limit is one of requests per second.
_AT_ONCE: _Answer = (
    RateLimitedError("Too many requests at once.", retry_after_s=1),
    "Too many requests at once.",
)
_OF_ONE_KEY: _Answer = (
    RateLimitedError("This key sends too many requests.", retry_after_s=WINDOW_S),
    "This key sends too many requests.",
)
_FORBIDDEN: _Answer = (ForbiddenError, "This key may not do this.")
_OURS: _Answer = (ServiceError, "Something went wrong on our side.")

ANSWERS: dict[str, _Answer] = {
    "UNAUTHORIZED": _BAD_KEY,
    "INVALID_API_KEY": _BAD_KEY,
    "AUTHORIZER_FAILURE": _NO_AUTH,
    "AUTHORIZER_CONFIGURATION_ERROR": _NO_AUTH,
    "ACCESS_DENIED": _FORBIDDEN,
    "WAF_FILTERED": _FORBIDDEN,
    "RESOURCE_NOT_FOUND": _NO_ROUTE,
    # Without a route, API Gateway expects an AWS signature: it reports one as missing, or takes an
    # API key in `Authorization` for an invalid one.
    "MISSING_AUTHENTICATION_TOKEN": _NO_ROUTE,
    "INVALID_SIGNATURE": _NO_ROUTE,
    "EXPIRED_TOKEN": _NO_ROUTE,
    "BAD_REQUEST_BODY": _BAD_REQUEST,
    "BAD_REQUEST_PARAMETERS": _BAD_REQUEST,
    "REQUEST_TOO_LARGE": (PayloadTooLargeError, "The body is larger than 4 MB."),
    "UNSUPPORTED_MEDIA_TYPE": (
        UnsupportedMediaTypeError,
        "Send `application/json`, as it is or with `Content-Encoding: gzip`.",
    ),
    "THROTTLED": _AT_ONCE,
    "QUOTA_EXCEEDED": _RATE,
    "INTEGRATION_TIMEOUT": (ProviderTimeoutError, "There was no answer in time."),
    "INTEGRATION_FAILURE": _OURS,
    "API_CONFIGURATION_ERROR": _OURS,
    "DEFAULT_4XX": _BAD_REQUEST,
    "DEFAULT_5XX": _OURS,
}
"""Error and detail by type.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""


_REQUEST_ID = {"X-Request-Id": "context.requestId"}
"""Mapped, not quoted: the same id as in the body."""


def add_gateway_responses(
    api: apigateway.RestApi, *, cors_origins: Sequence[str], limits_keys: bool = False
) -> None:
    """Give *api* a problem+json response for every type in `ANSWERS`.

    With *limits_keys*, what AWS WAF refuses is a key with too many requests (see `key_limit`).
    """
    answers = {**ANSWERS, "WAF_FILTERED": _OF_ONE_KEY} if limits_keys else ANSWERS
    for type_, (error, detail) in answers.items():
        body = problem.problem(error, detail=detail, request_id="$context.requestId")
        headers = {name: f"'{value}'" for name, value in problem.headers(error).items()}
        api.add_gateway_response(
            "".join(word.capitalize() for word in type_.split("_")),
            type=apigateway.ResponseType.of(type_),
            status_code=str(error.status),
            # The header sets the content type that is sent; the template's key does not.
            response_headers={**headers, **_REQUEST_ID, **_cors(cors_origins)},
            templates={"application/json": json.dumps(body)},
        )


def _cors(origins: Sequence[str]) -> Mapping[str, str]:
    """Return the headers that let web pages read the responses.

    A template cannot choose among several origins. With more than one, every page may read these
    responses: they hold nobody's data.
    """
    if not origins:
        return {}
    (origin,) = origins if len(origins) == 1 else (None,)
    return {
        "Access-Control-Allow-Origin": f"'{origin}'" if origin else "method.request.header.Origin",
        "Access-Control-Expose-Headers": f"'{', '.join(EXPOSED_HEADERS)}'",
        "Vary": "'Origin'",
    }

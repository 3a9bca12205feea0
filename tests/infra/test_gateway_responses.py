"""API Gateway's own error responses."""

import json

import pytest
from aws_cdk import aws_apigateway as apigateway

from functions.common import errors, problem
from infra.constructs.gateway_responses import ANSWERS
from tests.infra.synthesized import Json, Synthesized

EXPECTED = {
    "UNAUTHORIZED": (401, "unauthorized"),
    "AUTHORIZER_FAILURE": (503, "auth_unavailable"),
    "AUTHORIZER_CONFIGURATION_ERROR": (503, "auth_unavailable"),
    "ACCESS_DENIED": (403, "forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found"),
    "RESOURCE_NOT_FOUND": (404, "not_found"),
    "THROTTLED": (429, "rate_limited"),
    "QUOTA_EXCEEDED": (429, "rate_limited"),
    "REQUEST_TOO_LARGE": (413, "payload_too_large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type"),
    "INTEGRATION_TIMEOUT": (504, "provider_timeout"),
    "INTEGRATION_FAILURE": (500, "internal_error"),
    "API_CONFIGURATION_ERROR": (500, "internal_error"),
    "BAD_REQUEST_BODY": (400, "invalid_request"),
    "BAD_REQUEST_PARAMETERS": (400, "invalid_request"),
    "DEFAULT_4XX": (400, "invalid_request"),
    "DEFAULT_5XX": (500, "internal_error"),
}

each_response = pytest.mark.parametrize("type_", ANSWERS)


def gateway_response(stack: Synthesized, type_: str) -> tuple[Json, Json, dict[str, str]]:
    """Return the response's properties, body and headers (lower case, constants unquoted)."""
    responses = stack.properties("AWS::ApiGateway::GatewayResponse")
    (found,) = (response for response in responses if response["ResponseType"] == type_)
    prefix = "gatewayresponse.header."
    headers = {
        name.removeprefix(prefix).lower(): value.removeprefix("'").removesuffix("'")
        for name, value in found["ResponseParameters"].items()
    }
    return found, json.loads(found["ResponseTemplates"]["application/json"]), headers


def test_every_gateway_response_type_is_configured():
    """No error of API Gateway is sent in its default format."""
    names = {name for name in dir(apigateway.ResponseType) if name.isupper()}
    known = {getattr(apigateway.ResponseType, name).response_type for name in names}

    assert known == set(ANSWERS)


@pytest.mark.parametrize("type_", EXPECTED)
def test_gateway_response_has_its_status_and_code(production: Synthesized, type_: str):
    """Clients branch on both."""
    response, body, _ = gateway_response(production, type_)

    assert EXPECTED[type_] == (int(response["StatusCode"]), body["code"])


@each_response
def test_gateway_response_is_a_problem_document(production: Synthesized, type_: str):
    """It has the fields of the functions' own errors."""
    response, body, headers = gateway_response(production, type_)
    error = errors.RateLimitedError if "retry_after_s" in body else errors.NotFoundError

    assert problem.problem(error, detail="", request_id="").keys() == body.keys()
    assert problem.CONTENT_TYPE == headers["content-type"]
    assert response["StatusCode"] == str(body["status"])
    assert "$context.requestId" == body["request_id"]


@each_response
def test_gateway_response_repeats_its_wait_in_a_header(production: Synthesized, type_: str):
    """`Retry-After` equals `retry_after_s`."""
    _, body, headers = gateway_response(production, type_)
    wait = body.get("retry_after_s")

    assert (str(wait) if wait is not None else None) == headers.get("retry-after")


@each_response
def test_gateway_response_has_its_request_id_in_a_header_too(production: Synthesized, type_: str):
    """The header is mapped: a quoted value would be sent literally."""
    response, _, headers = gateway_response(production, type_)

    parameters = response["ResponseParameters"]
    assert "context.requestId" == parameters["gatewayresponse.header.X-Request-Id"]
    assert "no-store" == headers["cache-control"]


@each_response
def test_gateway_response_has_no_cors_headers_by_default(production: Synthesized, type_: str):
    """CORS is off unless an environment sets its origins."""
    _, _, headers = gateway_response(production, type_)

    assert [] == [name for name in headers if name.startswith("access-control") or name == "vary"]


@each_response
def test_gateway_response_exposes_the_request_id_only(production: Synthesized, type_: str):
    """No other value of the request context is in the body."""
    response, _, _ = gateway_response(production, type_)

    assert 1 == response["ResponseTemplates"]["application/json"].count("$")


def test_unauthorized_names_the_authentication_scheme(production: Synthesized):
    """Required by RFC 9110 for every 401."""
    _, _, headers = gateway_response(production, "UNAUTHORIZED")

    assert "Bearer" == headers["www-authenticate"]

"""The answer to methods that an address does not take: 405 with `Allow`.

API Gateway itself answers a known address with another method like an unknown address. So every
address also has the method ANY. Nobody can make it run a function without a key: where the
address's own methods need one, ANY needs it too and leads to the same function, whose resolver
knows the methods; where they are open, API Gateway answers by itself.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
"""

import json
from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from functions.common import problem
from functions.common.api.cors import EXPOSED_HEADERS
from functions.common.errors import MethodNotAllowedError
from infra.nag import acknowledge

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Prefer",
    "X-Request-Id",
)
"""Headers that a page may send."""


def refuse_other_methods(resource: apigateway.IResource, methods: Sequence[str]) -> None:
    """Answer 405 to all methods but *methods* by a MOCK integration, which runs nothing.

    It knows the request's content type `application/json`, which is also that of a request without
    one; others get 415. The request's own method is not looked at again.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
    """
    allowed = sorted(methods)
    error = MethodNotAllowedError(f"This address takes {' and '.join(allowed)}.", allowed=allowed)
    body = problem.problem(error, detail=error.detail, request_id="$context.requestId")
    headers = {name: f"'{value}'" for name, value in problem.headers(error).items()}
    mapped = {**headers, "X-Request-Id": "context.requestId"}
    status = str(error.status)
    method = resource.add_method(
        "ANY",
        apigateway.MockIntegration(
            passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
            content_handling=apigateway.ContentHandling.CONVERT_TO_TEXT,
            request_templates={"application/json": json.dumps({"statusCode": error.status})},
            integration_responses=[
                apigateway.IntegrationResponse(
                    status_code=status,
                    response_parameters={_header(name): value for name, value in mapped.items()},
                    response_templates={"application/json": json.dumps(body)},
                )
            ],
        ),
        method_responses=[
            apigateway.MethodResponse(
                status_code=status, response_parameters={_header(name): True for name in mapped}
            )
        ],
    )
    acknowledge(method, {"AwsSolutions-APIG4": "Always a refusal, and no function runs."})


def _header(name: str) -> str:
    return f"method.response.header.{name}"


def answer_preflight(
    resource: apigateway.IResource, methods: Sequence[str], origins: Sequence[str]
) -> None:
    """Let web pages of *origins* use *methods*; API Gateway answers the preflight itself."""
    method = resource.add_cors_preflight(
        allow_origins=[*origins],
        allow_methods=[*methods],
        allow_headers=[*REQUEST_HEADERS],
        expose_headers=[*EXPOSED_HEADERS],
        max_age=Duration.hours(2),
        status_code=204,
    )
    resource_ = method.node.default_child
    assert isinstance(resource_, apigateway.CfnMethod)  # noqa: S101 - for the type checker
    # Of all bodies binary (see api.py); the CDK has no option for it.
    resource_.add_property_override("Integration.ContentHandling", "CONVERT_TO_TEXT")
    acknowledge(method, {"AwsSolutions-APIG4": "Browsers send no key with a preflight."})

"""The answer to methods that an address does not take: 405 with `Allow`.

API Gateway itself answers a known address with another method like an unknown address. So every
address also has the method ANY, which leads to the address's own function, whose resolver knows the
methods. No key is required; the functions refuse every call without an authorizer's context.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
"""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from functions.common.api.cors import EXPOSED_HEADERS
from infra.nag import acknowledge

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Prefer",
    "X-Request-Id",
)
"""Headers that a page may send."""


def catch_other_methods(resource: apigateway.IResource, function: apigateway.Integration) -> None:
    """Send all methods that *resource* does not declare to *function*."""
    method = resource.add_method("ANY", function)
    acknowledge(method, {"AwsSolutions-APIG4": "Always a refusal."})


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
    acknowledge(method, {"AwsSolutions-APIG4": "Browsers send no key with a preflight."})

"""What happens to a method that an address does not take.

API Gateway itself takes a known address with another method for an unknown address. So every
address also has the method ANY, which catches what is not declared and leads to the address's own
function: its resolver knows the methods that there are, and answers 405 with `Allow`. No key is
asked for; the functions let nobody in for whom no authorizer has spoken.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
"""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from functions.common.api.cors import EXPOSED_HEADERS
from infra.acknowledgements import acknowledge

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Prefer",
    "X-Request-Id",
)
"""Those that a page may send."""


def catch_other_methods(resource: apigateway.IResource, function: apigateway.Integration) -> None:
    method = resource.add_method("ANY", function)
    acknowledge(method, {"AwsSolutions-APIG4": "Leads to a refusal, whoever asks."})


def answer_preflight(
    resource: apigateway.IResource, methods: Sequence[str], origins: Sequence[str]
) -> None:
    """Tell web pages of *origins* that they may use *methods*; API Gateway does so by itself."""
    method = resource.add_cors_preflight(
        allow_origins=[*origins],
        allow_methods=[*methods],
        allow_headers=[*REQUEST_HEADERS],
        expose_headers=[*EXPOSED_HEADERS],
        max_age=Duration.hours(2),
        status_code=204,
    )
    acknowledge(method, {"AwsSolutions-APIG4": "Browsers ask without a key."})

"""Routes that pass on what this API does not know to the service that had its host name before.

API Gateway takes the most specific route that has the request's method, so ours win, and
everything else, also other methods of our own addresses, falls through to the greedy route at the
root. `{proxy+}` does not match the root itself. Nobody needs a key of ours: the existing service
checks its own.

Sources, as tried on AWS: https://github.com/floci-io/floci/issues/1547,
https://github.com/localstack/localstack/blob/main/tests/aws/services/apigateway/test_apigateway_common.py
(TestProxyRouting)
"""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from infra.config import Environment
from infra.nag import acknowledge

_LONGEST_ANSWER = Duration.minutes(15)
"""Of a streamed answer, which may also be larger than 10 MB; others end after 29 s and at 10 MB.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
"""


def pass_on_the_rest(api: apigateway.RestApi, environment: Environment) -> None:
    """Pass on everything that has no other route to `existing_service_url`, if there is one."""
    if not environment.existing_service_url:
        return
    base = environment.existing_service_url.rstrip("/")
    headers = _host(environment)
    _pass_on(api.root, f"{base}/", headers)
    path = {"integration.request.path.proxy": "method.request.path.proxy"}
    _pass_on(api.root.add_resource("{proxy+}"), f"{base}/{{proxy}}", headers | path)


def _host(environment: Environment) -> dict[str, str]:
    """Map the header `Host` to the API's domain, which the existing service knows as its own name.

    Without it, API Gateway names the host of the URL: redirects and links would leave the domain.
    """
    name = environment.domain_name
    return {"integration.request.header.Host": f"'{name}'"} if name else {}


def _pass_on(resource: apigateway.IResource, url: str, parameters: Mapping[str, str]) -> None:
    """Pass on every method of *resource*, with its body, query and headers as they are."""
    method = resource.add_method(
        "ANY",
        apigateway.HttpIntegration(
            url,
            http_method="ANY",
            proxy=True,
            options=apigateway.IntegrationOptions(
                request_parameters=parameters,
                response_transfer_mode=apigateway.ResponseTransferMode.STREAM,
                timeout=_LONGEST_ANSWER,
            ),
        ),
        request_parameters={
            source: True for source in parameters.values() if source.startswith("method.")
        },
    )
    acknowledge(method, {"AwsSolutions-APIG4": "The existing service checks its own keys."})

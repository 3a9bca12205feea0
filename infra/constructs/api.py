"""The REST API: its routes, who may call them, and its address."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.config import Environment
from infra.constructs.api_domain import add_domain
from infra.constructs.api_stage import STAGE, stage_options
from infra.constructs.existing_service import pass_on_the_rest
from infra.constructs.gateway_responses import add_gateway_responses
from infra.constructs.key_limit import limit_keys
from infra.constructs.log_group import log_group
from infra.constructs.method_not_allowed import answer_preflight, refuse_other_methods
from infra.constructs.service_functions import ServiceFunctions
from infra.constructs.trace_sampling import sample_traces
from infra.functions import AUTHORIZER
from infra.nag import acknowledge
from infra.routes import BASE_PATH, ROUTES, Route

_COMPRESS_FROM_BYTES = 0
"""Responses are compressed for callers that accept it, and compressed requests inflated.

API Gateway leaves bodies below this size as they are, requests too: the function would receive
gzip bytes that were decoded as text.
Source: https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html (minimumCompressionSize)
"""
_ALL_BODIES = "*/*"
"""No body is taken for text: what is not UTF-8 passes unharmed, and the functions get every body in
base64, of which 4 MB always fit into an event (`functions.common.payload`).

MOCK integrations then need `CONVERT_TO_TEXT`, without which they answer 500.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
"""
_LOG_WRITER = (
    "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
)


class Api(Construct):
    """`/api/v1`: models behind the authorizer, the webhook behind its own signature.

    Created without routes, because functions behind it need its address; `add_routes` follows once
    the functions exist.

    Attributes:
        url: Of the base path, without a slash at the end. It depends on the API alone, not on the
            stage, which depends on every function behind it.
        metric_dimensions: Of API Gateway's metrics of it, in all.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        self.access_log = log_group(self, "AccessLogs", environment)
        self.metric_dimensions = {"ApiName": environment.stack_name, "Stage": STAGE}
        self.api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=environment.stack_name,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=True,
            deploy_options=stage_options(self.access_log, environment),
            # No way around the domain. Source: the API's reference, disableExecuteApiEndpoint.
            disable_execute_api_endpoint=bool(environment.domain_name),
            min_compression_size=Size.bytes(_COMPRESS_FROM_BYTES),
            binary_media_types=[_ALL_BODIES],
        )
        # RestApi's own output is the address without the base path, easily mistaken for ours.
        self.api.node.try_remove_child("Endpoint")
        add_domain(self, self.api, environment)
        per_minute = environment.key_requests_per_minute
        add_gateway_responses(
            self.api, cors_origins=environment.cors_origins, limits_keys=bool(per_minute)
        )
        if per_minute:
            limit_keys(self, self.api.deployment_stage, per_minute=per_minute)
        if share := environment.traced_share:
            sample_traces(self, self.api, name=environment.stack_name, share=share)
        self.url = self._url(environment)
        self._acknowledge()

    def add_routes(self, functions: ServiceFunctions) -> None:
        """Add every route. What has none is 404, and other methods of an address are 405, unless an
        existing service takes them all."""
        needs_key: Any = {
            "authorizer": self._authorizer(functions),
            "authorization_type": apigateway.AuthorizationType.CUSTOM,
        }
        origins = self._environment.cors_origins
        existing_service = bool(self._environment.existing_service_url)
        for path, routes in groupby(ROUTES, key=lambda route: route.path):
            methods = tuple(routes)
            resource = self.api.root.resource_for_path(f"{BASE_PATH}/{path}")
            # One permission for the whole API: one per method outgrows a function's policy.
            integration = apigateway.LambdaIntegration(
                functions.get(methods[0].spec).live, scope_permission_to_method=False
            )
            names = [route.method for route in methods]
            if methods[0].open_because:
                _add_open(resource, integration, methods)
                if not existing_service:
                    refuse_other_methods(resource, names)
            else:
                for name in names if existing_service else (*names, "ANY"):
                    resource.add_method(name, integration, **needs_key)
            if origins:
                answer_preflight(resource, names, origins)
        pass_on_the_rest(self.api, self._environment)

    def _authorizer(self, functions: ServiceFunctions) -> apigateway.RequestAuthorizer:
        """Return a REQUEST authorizer: a TOKEN one does not see addresses, which bind keys."""
        return apigateway.RequestAuthorizer(
            Construct(self, "Keys"),
            "RequestAuthorizer",
            handler=functions.get(AUTHORIZER).live,
            identity_sources=list(self._environment.authorizer_identity_sources),
            results_cache_ttl=Duration.seconds(self._environment.authorizer_cache_s),
        )

    def _url(self, environment: Environment) -> str:
        if environment.domain_name:
            return f"https://{environment.domain_name}{BASE_PATH}"
        region = Stack.of(self).region
        origin = environment.api_origin.format(api_id=self.api.rest_api_id, region=region)
        return f"{origin}{BASE_PATH}"

    def _acknowledge(self) -> None:
        acknowledge(
            self.api,
            {
                "AwsSolutions-APIG2": "What is valid differs by model: the function checks.",
                "AwsSolutions-APIG3": "Throttled by the stage; a limit of each key is a setting.",
                "AwsSolutions-APIG6": "Execution logs hold headers, and so keys.",
                f"AwsSolutions-IAM4[{_LOG_WRITER}]": "The only policy that API Gateway documents.",
                "AwsSolutions-COG4": "Keys belong to auth.hokus.ai, which our authorizer asks.",
            },
        )


def _add_open(
    resource: apigateway.IResource, integration: apigateway.Integration, routes: Iterable[Route]
) -> None:
    for route in routes:
        method = resource.add_method(route.method, integration)
        acknowledge(method, {"AwsSolutions-APIG4": route.open_because})
